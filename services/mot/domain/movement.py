"""大额出入金 — what the two detectors of large movements share: a day's sum against its line.

Line = min(limit, max(floor, share × the day's opening equity)); reaching it counts. An opening
equity that no settlement has told yet counts as 0, so the floor holds: better one call too many.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Generic, Self, TypeVar

from services.mot.domain.account import Account, Day
from services.mot.domain.detector import (
    Calm,
    Condition,
    Detector,
    Finding,
    Step,
    newest_day,
    settle,
    unverified,
)
from services.mot.domain.events import (
    AccountSettled,
    DayClosed,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
)
from shared.kernel.money import Amount, from_li, full, short, to_li
from shared.kernel.trading_day import Calendar

Movement = FundsDeposited | FundsWithdrawn | FundsReversed | AccountSettled | DayClosed
M = TypeVar("M", bound=Movement)


class LargeMovement(Detector[M], Generic[M]):
    """Once per account and trading day; each further multiple of the line is an update.

    ``limit`` and ``floor`` in 元, ``share`` of the day's opening equity (0.5 = 50 %). The day's
    settlement confirms, amends or withdraws what was told.
    """

    verb: ClassVar[str]

    limit: Amount = Decimal(5_000_000)
    floor: Amount = Decimal(500_000)
    share: Decimal = Decimal("0.5")

    @staticmethod
    @abstractmethod
    def sum_of(flows: Day) -> int:
        """Return the day's sum in 厘, reversals taken off."""

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """No day's 出金 or 入金 is as high as the lowest line can be."""
        least = min(min(rule._bounds) for rule in family)

        def low(flows: Day) -> bool:
            return flows.withdrawn < least > flows.net + flows.withdrawn

        def look(event: M, before: Account, after: Account, calendar: Calendar) -> bool:
            if isinstance(event, AccountSettled):
                return all(map(low, after.days.values()))
            flows = after.days.get(event.data.trading_day)  # the others are as they were
            return flows is None or low(flows)

        return look

    def detect(
        self, event: M, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Speak when a day's sum reaches another multiple of the line, or falls back under it."""
        if isinstance(event, DayClosed):
            yield from unverified(self.rule, event.data.trading_day, after)
            return
        settled = event.data.trading_day if isinstance(event, AccountSettled) else None
        for day, flows in after.days.items():
            if after.long_ago(day):
                continue  # for a message
            now = self._level(after, day)
            if day == settled:
                said = after.said(self.rule, day.isoformat())
                step = settle(said, now > 0, self.sum_of(flows))
            else:
                step = _moved(self._level(before, day), now)
            if step is not None:
                yield self._finding(step, day, event, after)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """The newest day's sum against its line."""
        day = newest_day(account)
        if day is None:
            yield Condition(f"当日累计{self.verb}", "未知", short(self.floor), None)
            return
        total, line = self.sum_of(account.days.get(day, Day())), self.line(account, day)
        name, met = f"{day}累计{self.verb}", total >= line
        yield Condition(name, short(from_li(total)), short(from_li(line)), met)

    def line(self, account: Account, day: date) -> int:
        """Return the day's line in 厘, up to a whole one: sums are whole."""
        over, under = self._share
        limit, floor = self._bounds
        share = -(-over * (account.opening(day) or 0) // under)  # rounded up
        return min(limit, max(floor, share))

    @cached_property
    def _share(self) -> tuple[int, int]:
        return self.share.as_integer_ratio()

    @cached_property
    def _bounds(self) -> tuple[int, int]:
        return to_li(self.limit), to_li(self.floor)

    def _level(self, account: Account, day: date) -> int:
        flows = account.days.get(day)
        total = self.sum_of(flows) if flows else 0
        return total // self.line(account, day) if total > 0 else 0

    def _finding(self, step: Step, day: date, event: M, after: Account) -> Finding:
        figure = self.sum_of(after.days[day])
        total, line = short(from_li(figure)), short(from_li(self.line(after, day)))
        opening, settled = after.opening(day), isinstance(event, AccountSettled)
        facts = {"今日累计": total}
        if not isinstance(event, AccountSettled | DayClosed):
            facts["本笔金额"] = full(from_li(event.data.amount))
        facts["警戒线"] = line
        facts["日初权益"] = "未知" if opening is None else full(from_li(opening))
        summary = {
            Step.CONFIRMED: f"结算确认：当日累计{self.verb}{total}",
            Step.AMENDED: f"结算更正：当日累计{self.verb}{total}，警戒线{line}",
            Step.WITHDRAWN: f"{'按结算重算' if settled else '冲正'}后今日累计{self.verb}{total}，"
            f"已低于警戒线{line}",
        }.get(step, f"今日累计{self.verb}{total}，达到警戒线{line}")
        level = self._level(after, day)
        provisional = after.unsettled(day)
        return Finding(step, day.isoformat(), summary, facts, level, provisional, figure)


def _moved(was: int, now: int) -> Step | None:
    if now > was:
        return Step.UPDATED if was else Step.RAISED
    return Step.WITHDRAWN if was and not now else None
