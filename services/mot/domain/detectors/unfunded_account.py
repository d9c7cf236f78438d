"""开户未入金 — some days after the opening there is still no money: help the client to begin."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import ClassVar

from pydantic import PositiveInt

from services.mot.domain.account import Account
from services.mot.domain.detector import Condition, Detector, Finding, Step, judged_day, newest_day
from services.mot.domain.events import (
    AccountBaselined,
    AccountSettled,
    DayClosed,
    FundsDeposited,
)
from shared.contracts.alerts import Module, Urgency
from shared.kernel.trading_day import Calendar, longest

Heard = AccountSettled | DayClosed | FundsDeposited | AccountBaselined


class UnfundedAccount(Detector[Heard]):
    """``days`` trading days after the opening without a deposit; nobody hears after ``until``."""

    message_type: ClassVar = "开户未入金"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请联系客户，协助绑定银行卡并入金。"
    listens_to: ClassVar = (AccountSettled, DayClosed, FundsDeposited, AccountBaselined)

    urgency: Urgency = Urgency.MIDDLE
    days: PositiveInt = 3
    until: PositiveInt = 10

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Days since the opening, and whether money has come."""
        today, opened = newest_day(account), account.opened_on
        funded = account.funded_on is not None
        yield Condition("入金", "有" if funded else "无", "无", not funded)
        if today is None or opened is None or opened > today:
            yield Condition("开户后", "未知", f"{self.days}–{self.until}个交易日", None)
            return
        since = calendar.distance(opened, today)
        met = self.days <= since <= self.until
        yield Condition("开户后", f"{since}个交易日", f"{self.days}–{self.until}个交易日", met)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Judge at the day's end; any event that brings money takes the reminder back."""
        if after.funded_on is None:
            return self._judged(event, after, calendar)
        return () if before.funded_on is not None else self._funded(after)

    def _funded(self, after: Account) -> Iterator[Finding]:
        for episode in after.standing(self.rule):
            yield Finding(Step.WITHDRAWN, episode, "客户已入金", level=0)

    def _judged(self, event: Heard, after: Account, calendar: Calendar) -> Iterator[Finding]:
        opened = after.opened_on
        today = judged_day(event, after)
        recent = longest(self.until)  # a first look spares the calendar
        if opened is None or today is None or not opened <= today <= opened + recent:
            return
        since = calendar.distance(opened, today)
        said = after.said(self.rule, opened.isoformat())
        if self.days <= since <= self.until and not (said and said.stands):
            yield _raised(opened, since)


def _raised(opened: date, since: int) -> Finding:
    facts = {"开户日": opened.isoformat(), "已过": f"{since}个交易日"}
    return Finding(Step.RAISED, opened.isoformat(), f"开户{since}个交易日仍未入金", facts)
