"""案 — one dead letter on the desk: who wants it redriven, and the line that is kept of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from services.ingest.domain.redrives import Desk
from services.ingest.domain.redriving import NoWay, Way
from shared.streams.deadletters import Letter
from shared.streams.publish import Record


@dataclass(frozen=True)
class Order:
    """Who wants it. ``again``: although it went before; ``dry``: only say what would happen.

    ``edited``: the corrected event, line or file, in UTF-8.
    """

    actor: str
    again: bool = False
    dry: bool = False
    edited: bytes | None = None


@dataclass(frozen=True)
class Case:
    """One letter on the desk; ``times``: how often it went back before."""

    desk: Desk
    letter: Letter
    order: Order
    times: int = 0

    @property
    def value(self) -> bytes:
        """What goes back: the corrected value, else the letter's, if it holds all of it."""
        if self.order.edited is not None:
            return self.order.edited
        if self.letter.cut:
            raise NoWay("only the beginning was kept: correct it with --edit, or tell it again")
        return self.letter.value

    @property
    def identity(self) -> str:
        again = f"#{self.times + 1}" if self.times else ""
        return f"{self.letter.name}{again}"


Refile = Callable[[Case, Way], Awaitable[str]]
"""Puts a file, or one of its lines corrected, into the drop folder again; returns what it did."""
Send = Callable[[Sequence[Record]], Awaitable[None]]
