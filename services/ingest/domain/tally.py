"""手数、手续费 — what a day's rows of trading and holding add up to for an account.

They stand beside the funds in ``account.settled``. A kind that is not in says nothing; once one of
trades (or of holdings) is in that is its whole day, an account without a row of it has none: 0. Of
an account with a line that could not be read nothing is said: what it adds up to is not known.

CFMMC's files are the authority: once one of trades (of holdings) is in, rows of the broker's own
form are not added to it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

TRADED = ("trddata", "opttrddata")
HELD = ("holddata", "optholddata")

Sums = Mapping[str, tuple[int, int]]
"""Account → lots, and fees in 厘."""
Known = Mapping[str, tuple[int, int] | None]
"""The same; None: the account has a line that could not be read."""
NOTHING = (0, 0)
TRADED_FIGURES: Mapping[str, int] = {"commission": 1, "traded_lots": 0}
HELD_FIGURES: Mapping[str, int] = {"position_lots": 0}
"""The contract's name → its place in a sum: 手, then 厘."""


@dataclass(frozen=True)
class Addends:
    """Kinds of rows that add up. ``whole``: those of them whose files are their whole day.

    ``once``: rows of one name in several kinds are the same row, that of the first kind.
    """

    kinds: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()
    figures: Mapping[str, int] = field(default_factory=dict)
    once: bool = True

    def unless(self, kinds: Collection[str], others: "Addends") -> "Addends":
        """Return these if a file of them is in, else the others."""
        return self if self.whole.intersection(kinds) else others


FILES_TRADED = Addends(TRADED, frozenset(TRADED), TRADED_FIGURES, once=False)
FILES_HELD = Addends(HELD, frozenset(HELD), HELD_FIGURES, once=False)


@dataclass(frozen=True)
class Tally:
    """What adds up where no CFMMC file of the same is in: the rows of the broker's own form."""

    traded: Addends = field(default_factory=Addends)
    held: Addends = field(default_factory=Addends)

    def counting(self, kinds: Collection[str]) -> tuple[Addends, Addends]:
        """Return what counts when files of these kinds are in: of trades, of holdings."""
        traded = FILES_TRADED.unless(kinds, self.traded)
        return traded, FILES_HELD.unless(kinds, self.held)


FILES_ALONE = Tally()


@dataclass(frozen=True)
class Counted:
    """The sums of one day's rows. ``whole``: an account without a row has none."""

    sums: Known
    whole: bool
    figures: Mapping[str, int]

    def of(self, account: str) -> dict[str, int]:
        """Return an account's sums by the contract's names: 手, and 厘.

        >>> Counted({"1": (3, 1250), "2": None}, True, TRADED_FIGURES).of("1")
        {'commission': 1250, 'traded_lots': 3}
        >>> Counted({}, True, HELD_FIGURES).of("1"), Counted({}, False, HELD_FIGURES).of("1")
        ({'position_lots': 0}, {})
        """
        sums = self.sums.get(account, NOTHING if self.whole else None)
        return {} if sums is None else {name: sums[n] for name, n in self.figures.items()}


def of_account(counted: Collection[Counted], account: str) -> dict[str, int]:
    """Return what is known of an account's lots and fees.

    >>> of_account([Counted({"1": None}, True, TRADED_FIGURES)], "1")
    {}
    """
    return {name: figure for one in counted for name, figure in one.of(account).items()}
