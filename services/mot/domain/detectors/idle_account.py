"""沉默客户 — a funded client has not traded for weeks: the three-week activation sequence."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Self

from pydantic import PositiveInt

from services.mot.domain.account import FUNDED_BEFORE, Account
from services.mot.domain.detector import (
    Calm,
    Condition,
    Detector,
    Finding,
    Step,
    judged_day,
    newest_day,
)
from services.mot.domain.events import (
    AccountBaselined,
    AccountSettled,
    DayClosed,
    FundsReversed,
    OrderForceClosed,
)
from shared.contracts.alerts import Module, Urgency
from shared.kernel.money import Amount, from_li, full, to_li
from shared.kernel.trading_day import Calendar, longest

Heard = AccountSettled | DayClosed | OrderForceClosed | AccountBaselined | FundsReversed
_WEEKS = 3


class IdleAccount(Detector[Heard]):
    """``days`` trading days without a trade, then twice more, each ``week`` trading days later.

    Of a client who never traded they are counted from the first deposit. Only without a position
    and with equity above ``equity`` 元: below it is 临近休眠's.
    """

    message_type: ClassVar = "沉默客户"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请按激活流程联系客户，了解近况。"
    listens_to: ClassVar = (
        AccountSettled,
        DayClosed,
        OrderForceClosed,
        AccountBaselined,
        FundsReversed,
    )

    urgency: Urgency = Urgency.LOW
    days: PositiveInt = 30
    week: PositiveInt = 5
    equity: Amount = Decimal(1_000)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Days since the last trade, and whether there is something to trade with."""
        today, last, line = newest_day(account), idle_since(account), f"{self.days}个交易日"
        idle = calendar.distance(last, today) if last and today else None
        figure = "未知" if idle is None else f"{idle}个交易日"
        yield Condition("未交易", figure, line, None if idle is None else idle >= self.days)
        yield Condition("持仓", f"{account.position_lots}手", "0手", not account.position_lots)
        equity = account.equity or 0
        enough = equity > self._least
        yield Condition("权益", full(from_li(equity)), f"> {full(self.equity)}", enough)

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """There is a position, or little money."""
        least = min(rule._least for rule in family)
        return lambda event, before, after, calendar: _exempt(after, least)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Judge at the day's end; a trade ends the sequence."""
        last = idle_since(after)
        if last != idle_since(before):
            ended = "首次入金已冲正" if after.last_trade_on is None else "客户已恢复交易"
            for episode in after.standing(self.rule):
                yield Finding(Step.WITHDRAWN, episode, ended, level=0)
        today = judged_day(event, after)
        if today is None or last is None or not last <= today <= last + self._recent:
            return  # a first look spares the calendar for the many who trade
        if _exempt(after, self._least):
            return
        idle = calendar.distance(last, today)
        level = (idle - self.days) // self.week + 1 if idle >= self.days else 0
        said = after.said(self.rule, last.isoformat())
        if (said.level if said else 0) < level <= _WEEKS:
            yield self._finding(after, last, idle, level)

    @cached_property
    def _least(self) -> int:
        return to_li(self.equity)

    @cached_property
    def _recent(self) -> timedelta:
        return longest(self.days + _WEEKS * self.week)

    def _finding(self, after: Account, last: date, idle: int, level: int) -> Finding:
        traded = after.last_trade_on
        facts = {
            "最后交易": f"{traded or '无记录'}",
            "权益": full(from_li(after.equity or 0)),
            "激活周": f"第{level}周",
        }
        since = f"已{idle}个交易日未交易" if traded else f"入金{idle}个交易日仍未交易"
        summary = f"{since}，激活第{level}周"
        step = Step.UPDATED if level > 1 else Step.RAISED
        return Finding(step, last.isoformat(), summary, facts, level)


def idle_since(account: Account) -> date | None:
    """Return the day of the last trade; of a client who has never traded, of the first deposit.

    That nobody has traded is only known of an account whose baseline was told.
    """
    if account.last_trade_on is not None or account.opened_on is None:
        return account.last_trade_on
    return None if account.funded_on == FUNDED_BEFORE else account.funded_on


def _exempt(account: Account, least: int) -> bool:
    """Say whether there is a position, or no more equity (厘) than is worth a call."""
    return account.position_lots > 0 or (account.equity or 0) <= least
