"""手数、手续费 — what a day's files of trading and holding add up to for an account.

They stand beside the funds in ``account.settled``. A kind that is not in says nothing; once one of
trades (or of holdings) is in, an account without a row of it has none: 0. Of an account with a line
that could not be read nothing is said: what it adds up to is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TRADED = ("trddata", "opttrddata")
HELD = ("holddata", "optholddata")

Sums = Mapping[str, tuple[int, int]]
"""Account → lots, and fees in 厘."""
Known = Mapping[str, tuple[int, int] | None]
"""The same; None: the account has a line that could not be read."""
NOTHING = (0, 0)


@dataclass(frozen=True)
class Tallies:
    """The sums of one day; None: no such file is in."""

    traded: Known | None = None
    held: Known | None = None

    def of(self, account: str) -> dict[str, int]:
        """Return an account's sums by the contract's names: 手, and 厘.

        >>> Tallies({"1": (3, 1250)}, None).of("1"), Tallies(None, {}).of("1")
        ({'commission': 1250, 'traded_lots': 3}, {'position_lots': 0})
        >>> Tallies({"1": None}, {"1": None}).of("1")
        {}
        """
        more: dict[str, int] = {}
        if self.traded is not None and (traded := self.traded.get(account, NOTHING)):
            more["traded_lots"], more["commission"] = traded
        if self.held is not None and (holds := self.held.get(account, NOTHING)):
            more["position_lots"] = holds[0]
        return dict(sorted(more.items()))
