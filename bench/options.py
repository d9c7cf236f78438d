"""How long and how often, and what of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """``seconds`` a turn, ``turns`` of each side; ``only``: these figures (empty: all).

    ``accounts``: of the memory figure, scaled to a million afterwards.
    """

    seconds: float = 20.0
    turns: int = 5
    only: tuple[str, ...] = ()
    accounts: int = 100_000

    def wants(self, *names: str) -> bool:
        """Say whether any of these figures is asked for."""
        return not self.only or any(name in self.only for name in names)


QUICK = {"seconds": 2.0, "turns": 2, "accounts": 20_000}
