"""大额出金 and 大额入金: large_withdrawal (A1), large_deposit (A9)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from tests.kit.oracle.case import Case
from tests.kit.oracle.history import ZERO, Client
from tests.kit.oracle.lines import Lines

LI = Decimal("0.001")


@dataclass(frozen=True)
class Direction:
    """One direction of money: the day's sums, and limit, floor and share of its line."""

    rule: str
    sums: Callable[[Client], dict[date, Decimal]]
    lines: Callable[[Lines], tuple[Decimal, Decimal, Decimal]]

    def moved(self, case: Case) -> None:
        self._edge(case, case.day)

    def settled(self, case: Case) -> None:
        """The day's own alert is settled; a later day may have another opening now."""
        day = case.day
        total = self.sums(case.client).get(day, ZERO)
        multiple = case.client.multiples[self.rule, day] = self._multiple(case, day)
        case.settle(self.rule, multiple > 0, level=multiple, figure=total)
        for other in self.sums(case.client):
            if other > day:
                self._edge(case, other)

    def _edge(self, case: Case, day: date) -> None:
        """Compare the multiple with what it was before the event, whether that was said or not."""
        was = case.client.multiples.get((self.rule, day), 0)
        now = case.client.multiples[self.rule, day] = self._multiple(case, day)
        if now <= was and (now or not was):
            return
        step = "withdrawn" if not now else "updated" if was else "raised"
        total = self.sums(case.client).get(day, ZERO)
        open_ = case.client.unsettled(day)
        case.say(step, self.rule, day, level=now, figure=total, provisional=open_)

    def _multiple(self, case: Case, day: date) -> int:
        total = self.sums(case.client).get(day, ZERO)
        if total <= 0:
            return 0
        limit, floor, share = self.lines(case.lines)
        line = min(limit, max(floor, share * (case.client.opening(day) or ZERO)))
        whole = line.quantize(LI, rounding=ROUND_CEILING)
        return int(total // whole)


WITHDRAWAL = Direction(
    "large_withdrawal",
    lambda client: client.withdrawn,
    lambda lines: (lines.limit, lines.floor, lines.share),
)
DEPOSIT = Direction(
    "large_deposit",
    lambda client: client.deposited,
    lambda lines: (lines.deposit_limit, lines.deposit_floor, lines.deposit_share),
)
