"""单日回撤 — a large part of the day's money is lost within the trading day."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Self

from services.mot.domain.account import STILL, Account
from services.mot.domain.detector import (
    Calm,
    Condition,
    Detector,
    Finding,
    Step,
    settle,
    unjudged,
    unverified,
)
from services.mot.domain.events import AccountSettled, AccountSnapshotted, DayClosed
from services.mot.domain.loss import Loss
from shared.kernel.money import from_li, full, percent
from shared.kernel.trading_day import Calendar, OutsideCoverage

Figures = AccountSnapshotted | AccountSettled
Heard = Figures | DayClosed
NEXT = timedelta(days=1)


class DailyDrawdown(Detector[Heard]):
    """More than ``share`` (0.2 = 20 %) of opening equity + deposits lost; intraday provisional."""

    message_type: ClassVar = "单日回撤"
    action: ClassVar = "请列为高风险任务，今日联系客户。"
    action_after: ClassVar = "请以结算后的回撤为准，必要时跟进。"
    listens_to: ClassVar = (AccountSnapshotted, AccountSettled, DayClosed)

    share: Decimal = Decimal("0.2")

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """The newest figures against their day's opening, by the movements known."""
        balance, line = account.balance, f"> {percent(int(self.share * 10_000))}"
        found = _loss(account, balance.day, balance.equity, None, None) if balance else None
        if balance is None or found is None:
            yield Condition("当日回撤", "未知", line, None)
            return
        yield Condition(f"{balance.day}回撤", percent(found.basis_points), line, self.holds(found))

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """No larger part is lost than the lowest share."""
        over, under = min(rule.share for rule in family).as_integer_ratio()

        def look(event: Figures, before: Account, after: Account, calendar: Calendar) -> bool:
            found = fall(event, before, after, calendar)
            return found is None or found.lost * under <= over * found.base

        return look

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare the newest figures with the day's opening."""
        if isinstance(event, DayClosed):
            yield from unverified(self.rule, event.data.trading_day, after)
            return
        found, day = fall(event, before, after, calendar), event.data.trading_day
        said = after.said(self.rule, day.isoformat())
        if found is None:
            if isinstance(event, AccountSettled):
                yield from unjudged(said, day)
            return
        if isinstance(event, AccountSettled):
            step = settle(said, self.holds(found), found.basis_points, after.long_ago(day))
            if step is not None:
                yield _finding(step, day, found, settled=True)
        elif said is None and after.unsettled(day) and self.holds(found):
            yield _finding(Step.RAISED, day, found, settled=False)

    def holds(self, found: Loss) -> bool:
        """Strictly more than the share."""
        over, under = self._share
        return found.base > 0 and found.lost * under > over * found.base

    @cached_property
    def _share(self) -> tuple[int, int]:
        return self.share.as_integer_ratio()


def fall(event: Figures, before: Account, after: Account, calendar: Calendar) -> Loss | None:
    """Return the day's loss; None when the figures are no news, or the opening equity is unknown.

    A settlement is always news of its own day. The opening equity is unknown in a night session
    that begins before the day it follows is settled.
    """
    if after.balance is before.balance and not isinstance(event, AccountSettled):
        return None
    said, settled = event.data, after.settled
    day = said.trading_day
    # most days are told without asking the calendar
    if settled is not None and day - settled > NEXT and not _eve_is_settled(day, settled, calendar):
        return None
    return _loss(after, day, said.equity, said.deposit, said.withdrawal)


def _eve_is_settled(day: date, settled: date, calendar: Calendar) -> bool:
    try:
        return calendar.before(day) <= settled
    except OutsideCoverage:
        return True


def _loss(
    account: Account, day: date, equity: int, deposit: int | None, withdrawal: int | None
) -> Loss | None:
    """Compare a day's equity with its opening; None: that is unknown.

    What the source says of the day's deposits and withdrawals goes before the sum of movements.
    """
    opening, flows = account.opening(day), account.days.get(day, STILL)
    if opening is None:
        return None
    paid_in = flows.net + flows.withdrawn if deposit is None else deposit
    paid_out = flows.withdrawn if withdrawal is None else withdrawal
    base = opening + paid_in
    return Loss(base, base - paid_out - equity)


def _finding(step: Step, day: date, found: Loss, settled: bool) -> Finding:
    share, lost = percent(found.basis_points), full(from_li(found.lost))
    summary = {
        Step.CONFIRMED: f"结算确认：当日回撤{share}",
        Step.AMENDED: f"结算更正：当日回撤{share}，亏损{lost}",
        Step.WITHDRAWN: f"按结算当日回撤{share}，未超过警戒线",
    }.get(step, f"当日回撤{share}，亏损{lost}")
    facts = {"回撤": share, "亏损": lost, "日初加入金": full(from_li(found.base))}
    level = 0 if step is Step.WITHDRAWN else 1
    return Finding(
        step, day.isoformat(), summary, facts, level, not settled, figure=found.basis_points
    )
