"""手数、手续费 — what a day's files of trading and holding add up to for an account.

They stand beside the funds in ``account.settled``. A kind that is not in says nothing; once one of
trades (or of holdings) is in, an account without a row of it has none: 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TRADED = ("trddata", "opttrddata")
HELD = ("holddata", "optholddata")

Sums = Mapping[str, tuple[int, int]]
"""Account → lots, and fees in 厘."""


@dataclass(frozen=True)
class Tallies:
    """The sums of one day; None: no such file is in."""

    traded: Sums | None = None
    held: Sums | None = None

    def of(self, account: str) -> dict[str, int]:
        """Return an account's sums by the contract's names: 手, and 厘.

        >>> Tallies({"1": (3, 1250)}, None).of("1"), Tallies(None, {}).of("1")
        ({'commission': 1250, 'traded_lots': 3}, {'position_lots': 0})
        """
        more: dict[str, int] = {}
        if self.traded is not None:
            more["traded_lots"], more["commission"] = self.traded.get(account, (0, 0))
        if self.held is not None:
            more["position_lots"] = self.held.get(account, (0, 0))[0]
        return dict(sorted(more.items()))
