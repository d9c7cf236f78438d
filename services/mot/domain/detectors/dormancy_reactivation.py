"""休眠重激活 — an account that was found dormant trades again: a client has come back."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from pydantic import PositiveInt

from services.mot.domain.account import Account
from services.mot.domain.detector import Condition, Detector, Finding, Step, newest_day
from services.mot.domain.detectors.near_dormancy import years_before
from services.mot.domain.events import AccountSettled, OrderForceClosed
from shared.contracts.alerts import Module, Urgency
from shared.kernel.money import Amount, from_li, full, to_li
from shared.kernel.trading_day import Calendar

Heard = AccountSettled | OrderForceClosed


class DormancyReactivation(Detector[Heard]):
    """A trade of an account that the last judgement day found dormant.

    ``equity`` in 元: the lowest settled equity since its last trade was at most that.
    """

    message_type: ClassVar = "休眠重激活"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请致电欢迎客户回归，了解需求。"
    listens_to: ClassVar = (AccountSettled, OrderForceClosed)

    urgency: Urgency = Urgency.MIDDLE
    equity: Amount = Decimal(1_000)
    years: PositiveInt = 1

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare the trade with what was known before it."""
        today, lowest = after.last_trade_on, before.lowest
        if today is None or today == before.last_trade_on or today != event.data.trading_day:
            return ()
        if lowest is None or lowest.equity > self._most:
            return ()
        return self._judged(today, event, before, after, calendar)

    def _judged(
        self, today: date, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterator[Finding]:
        if isinstance(event, AccountSettled) and today != after.settled:
            return
        line = years_before(last_judgement_day(calendar, today), self.years)
        if not _dormant(before, line):
            return
        facts = {
            "上次交易": f"{before.last_trade_on or '无记录'}",
            "开户日": f"{before.opened_on}",
            "交易日": f"{today}",
        }
        yield Finding(Step.RAISED, today.isoformat(), "休眠客户重新交易", facts)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Whether it has traded on the newest day, and whether it was dormant before.

        What was before a trade is not kept: then what was said of that trade tells it.
        """
        newest, last = newest_day(account), account.last_trade_on
        if newest is None:
            yield Condition("成交", "未知", "最新交易日有成交", None)
            return
        today = max(newest, last or newest)
        yield Condition("成交", f"{last or '无记录'}", f"{today}", last == today)
        if last == today:
            dormant = account.said(self.rule, f"{today}") is not None
            yield Condition("成交前休眠", "是" if dormant else "否", "是", dormant)
            return
        line = years_before(last_judgement_day(calendar, today), self.years)
        opened, lowest = account.opened_on, account.lowest
        met = opened <= line if opened else None
        yield Condition("开户", f"{opened or '未知'}", f"≤ {line}", met)
        for name, day in (("最后成交", last), ("最后持仓", account.last_position_on)):
            yield Condition(name, f"{day or '无记录'}", f"< {line}", day is None or day < line)
        figure = full(from_li(lowest.equity)) if lowest else "未知"
        met = lowest.equity <= self._most if lowest else None
        yield Condition("成交以来最低结算权益", figure, f"≤ {full(self.equity)}", met)

    @cached_property
    def _most(self) -> int:
        return to_li(self.equity)


def _dormant(account: Account, line: date) -> bool:
    return (
        account.opened_on is not None
        and account.opened_on <= line
        and (account.last_trade_on is None or account.last_trade_on < line)
        and (account.last_position_on is None or account.last_position_on < line)
    )


def last_judgement_day(calendar: Calendar, today: date) -> date:
    """Return the 休眠认定日 most recently passed, ``today`` included.

    >>> from shared.kernel.trading_day import china
    >>> last_judgement_day(china(), date(2026, 6, 15)).isoformat()
    '2026-06-15'
    >>> last_judgement_day(china(), date(2026, 6, 12)).isoformat()
    '2026-05-15'
    """
    coming = calendar.judgement_day(today.replace(day=1))
    if coming <= today:
        return coming
    month_before = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    return calendar.judgement_day(month_before)
