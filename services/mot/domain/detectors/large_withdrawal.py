"""大额出金 — a large part of a client's money leaves within one trading day.

Line = min(limit, max(floor, share × the day's opening equity)); reaching it counts. An opening
equity that no settlement has told yet counts as 0, so the floor holds: better one call too many.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from services.mot.domain.account import Account
from services.mot.domain.detector import Detector, Finding, Step
from services.mot.domain.events import AccountSettled, FundsReversed, FundsWithdrawn
from shared.kernel.money import Amount, from_li, full, short, to_li
from shared.kernel.trading_day import Calendar

Movement = FundsWithdrawn | FundsReversed | AccountSettled


class LargeWithdrawal(Detector[Movement]):
    """Once per account and trading day; each further multiple of the line is an update.

    ``limit`` and ``floor`` in 元, ``share`` of the day's opening equity (0.5 = 50 %).
    """

    message_type: ClassVar = "大额出金"
    action: ClassVar = "请联系客户，了解原因并挽留。"
    listens_to: ClassVar = (FundsWithdrawn, FundsReversed, AccountSettled)

    limit: Amount = Decimal(5_000_000)
    floor: Amount = Decimal(500_000)
    share: Decimal = Decimal("0.5")

    def detect(
        self, event: Movement, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Speak when the day's sum reaches another multiple of the line, or falls back under it."""
        if after.days is before.days:
            return
        for day in after.days:
            was, now = self._level(before, day), self._level(after, day)
            if now > was:
                step = Step.UPDATED if was else Step.RAISED
                yield self._finding(step, day, event, after, now)
            elif was and not now:
                yield self._finding(Step.WITHDRAWN, day, event, after, now)

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
        return max(0, flows.withdrawn // self.line(account, day)) if flows else 0

    def _finding(
        self, step: Step, day: date, event: Movement, after: Account, level: int
    ) -> Finding:
        total, line = from_li(after.days[day].withdrawn), from_li(self.line(after, day))
        opening = after.opening(day)
        facts = {"今日累计": short(total)}
        if not isinstance(event, AccountSettled):
            facts["本笔金额"] = full(from_li(event.data.amount))
        facts["警戒线"] = short(line)
        facts["日初权益"] = "未知" if opening is None else full(from_li(opening))
        summary = f"今日累计出金{short(total)}，达到警戒线{short(line)}"
        if step is Step.WITHDRAWN:
            why = "按结算重算" if isinstance(event, AccountSettled) else "冲正"
            summary = f"{why}后今日累计出金{short(total)}，已低于警戒线{short(line)}"
        return Finding(step, day.isoformat(), summary, facts, level, provisional=True)
