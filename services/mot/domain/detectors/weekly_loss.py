"""大额亏损 — a week's loss is a large part of the money and no small sum: told the next morning."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Annotated, ClassVar, Self

from pydantic import Field

from services.mot.domain.account import STILL, Account
from services.mot.domain.detector import Calm, Condition, Detector, Finding, Step
from services.mot.domain.events import AccountSettled
from services.mot.domain.loss import Loss
from shared.contracts.alerts import Module
from shared.kernel.money import Money, from_li, full, percent, to_li
from shared.kernel.trading_day import CHINA, Calendar

_OVER = -1
MORNING = time(8, 30)
LONGEST = 10  # days; so many settlements, and the one before, are remembered


class WeeklyLoss(Detector[AccountSettled]):
    """Loss over ``days`` trading days ≥ ``share`` of the base and > ``floor`` 元 (strict).

    Raised at the settlement, told from 08:30 on the next trading day; once until the condition has
    been false for a day. Base: equity before the window + deposits in it.
    """

    message_type: ClassVar = "大额亏损"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请联系客户，关心情况并提示风险。"
    listens_to: ClassVar = (AccountSettled,)

    days: Annotated[int, Field(ge=1, le=LONGEST)] = 5
    share: Decimal = Decimal("0.2")
    floor: Money = Decimal(10_000)

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """No more was lost than the floor."""

        def look(
            event: AccountSettled, before: Account, after: Account, calendar: Calendar
        ) -> bool:
            if event.data.trading_day != after.settled:
                return True
            for rule in family:
                found = rule.loss(after, event.data.trading_day, calendar)
                if found is not None and found.lost > rule._floor:
                    return False
            return True

        return look

    def detect(
        self, event: AccountSettled, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Judge the window that ends at the newest settlement."""
        day = event.data.trading_day
        if day != after.settled:
            return
        found = self.loss(after, day, calendar)
        if found is not None and not self.holds(found):
            found = None
        standing = after.standing(self.rule)
        if found is not None and not standing:
            yield self._told(Step.RAISED, day, found, calendar)
        for episode, said in standing.items():
            if found is not None and episode == day.isoformat() and said.figure != found.lost:
                yield self._told(Step.AMENDED, day, found, calendar)
            elif found is not None:
                yield Finding(Step.NOTED, episode, figure=said.figure)
            elif episode == day.isoformat():
                yield Finding(Step.WITHDRAWN, episode, "结算更正后未达到大额亏损", level=0)
            else:
                yield Finding(Step.NOTED, episode, level=_OVER)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """The window that ends at the newest settlement."""
        found = self.loss(account, account.settled, calendar) if account.settled else None
        if found is None:
            yield Condition(f"近{self.days}个交易日亏损", "未知", full(self.floor), None)
            return
        line, floor = percent(int(self.share * 10_000)), f"> {full(self.floor)}"
        yield Condition("亏损比例", percent(found.basis_points), line, self._reached(found))
        yield Condition("亏损金额", full(from_li(found.lost)), floor, self._enough(found))

    def loss(self, account: Account, day: date, calendar: Calendar) -> Loss | None:
        """Return the loss of the window that ends on ``day``; None: it cannot be told.

        A settlement's opening equity that is not told is the equity of the one before.
        """
        first = calendar.before(day, self.days - 1) if self.days > 1 else day
        settlements, base, lost, eve = account.settlements, None, 0, None
        days = sorted(settlements)
        start = bisect_left(days, first)  # of what is kept, most is before the window
        if start:
            eve = settlements[days[start - 1]].equity
        for d in days[start : bisect_right(days, day)]:
            closing = settlements[d]
            opening, eve = eve if closing.opening is None else closing.opening, closing.equity
            flows, profit = account.days.get(d, STILL), closing.profit
            paid_in = flows.deposited if closing.deposit is None else closing.deposit
            if profit is None:  # then it follows from the movements, late ones included
                if opening is None:
                    continue
                paid_out = flows.withdrawn if closing.withdrawal is None else closing.withdrawal
                profit = closing.equity - opening + paid_out - paid_in
            if base is None:
                if opening is None:
                    return None
                base = opening
            base, lost = base + paid_in, lost - profit
        return None if base is None else Loss(base, lost)

    def holds(self, found: Loss) -> bool:
        """Both bounds: the share is reached, the sum exceeded."""
        return self._enough(found) and self._reached(found)

    def _enough(self, found: Loss) -> bool:
        return found.lost > self._floor

    def _reached(self, found: Loss) -> bool:
        over, under = self._share
        return found.base > 0 and found.lost * under >= over * found.base

    @cached_property
    def _floor(self) -> int:
        return to_li(self.floor)

    @cached_property
    def _share(self) -> tuple[int, int]:
        return self.share.as_integer_ratio()

    def _told(self, step: Step, day: date, found: Loss, calendar: Calendar) -> Finding:
        share, lost = percent(found.basis_points), full(from_li(found.lost))
        corrected = "结算更正：" if step is Step.AMENDED else ""
        return Finding(
            step,
            day.isoformat(),
            f"{corrected}近{self.days}个交易日亏损{lost}，占{share}",
            {
                "亏损": lost,
                "亏损比例": share,
                "期初加入金": full(from_li(found.base)),
                "截至": day.isoformat(),
            },
            figure=found.lost,
            tell_from=datetime.combine(calendar.after(day), MORNING, CHINA),
        )
