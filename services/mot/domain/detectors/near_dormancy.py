"""临近休眠 — an account that the coming judgement day (休眠认定日) would find dormant.

Dormant: opened at least a year before that day, no position and no trade within the year before it
(the day exactly one year before included), no position now, last settled equity at most ``equity``.
Source: CFMMC circular on 常态化休眠账户, as quoted by brokers in 2025; all numbers configurable.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Self

from pydantic import PositiveInt

from services.mot.domain.account import Account, Spoken
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
    FundsDeposited,
    FundsReversed,
    OrderForceClosed,
)
from shared.contracts.alerts import Module, Urgency
from shared.kernel.money import Amount, from_li, full, to_li
from shared.kernel.trading_day import Calendar, OutsideCoverage

Heard = (
    DayClosed
    | AccountSettled
    | AccountBaselined
    | FundsDeposited
    | FundsReversed
    | OrderForceClosed
)


class NearDormancy(Detector[Heard]):
    """Raised ``raise_before`` trading days before, updated ``remind_before``; withdrawn when cured.

    ``equity`` in 元 (at most), ``years`` whole years, the others trading days.
    """

    message_type: ClassVar = "临近休眠"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请提示客户入金或交易，以免休眠。"
    listens_to: ClassVar = (
        DayClosed,
        AccountSettled,
        AccountBaselined,
        FundsDeposited,
        FundsReversed,
        OrderForceClosed,
    )

    urgency: Urgency = Urgency.MIDDLE
    equity: Amount = Decimal(1_000)
    years: PositiveInt = 1
    raise_before: PositiveInt = 10
    remind_before: PositiveInt = 3

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """There is a position, or money enough."""
        most = max(rule._most for rule in family)
        return lambda event, before, after, calendar: _far(after, most)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Judge at each day's end; any other event may only take a warning back."""
        today = judged_day(event, after)
        if today is not None:
            yield from self._warn(today, after, calendar)
        for judgement, _ in self._open(after, event.data.trading_day):
            if not self.near(after, judgement):
                facts = {"认定日": judgement.isoformat(), "权益": _equity(after)}
                summary = "账户已交易或入金，不再临近休眠"
                yield Finding(Step.WITHDRAWN, judgement.isoformat(), summary, facts, level=0)

    def blind(self, today: date, calendar: Calendar) -> bool:
        """The coming judgement day is not known."""
        try:
            calendar.judgement_day(calendar.after(today))
        except OutsideCoverage:
            return True
        return False

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """What the coming judgement day would find, as things stand."""
        today = newest_day(account)
        if today is None:
            yield Condition("距认定日", "未知", f"{self.raise_before}天", None)
            return
        judgement = calendar.judgement_day(calendar.after(today))
        line, left = years_before(judgement, self.years), calendar.distance(today, judgement)
        yield Condition(
            f"距认定日{judgement}", f"{left}天", f"{self.raise_before}天", left <= self.raise_before
        )
        opened, known = account.opened_on, account.equity is not None
        yield Condition(
            "开户", f"{opened or '未知'}", f"≤ {line}", opened <= line if opened else None
        )
        for name, last in (
            ("最后交易", account.last_trade_on),
            ("最后持仓", account.last_position_on),
        ):
            yield Condition(name, f"{last or '无'}", f"< {line}", last is None or last < line)
        yield Condition("持仓", f"{account.position_lots}手", "0手", not account.position_lots)
        with_pending = (account.equity or 0) + _coming(account)
        low = with_pending <= self._most if known else None
        figure = full(from_li(with_pending)) if known else "未知"
        yield Condition("权益加未结算净入金", figure, f"≤ {full(self.equity)}", low)

    def near(self, account: Account, judgement: date) -> bool:
        """Say whether the judgement day would find the account dormant as things stand."""
        if account.opened_on is None or account.equity is None or _far(account, self._most):
            return False
        line = years_before(judgement, self.years)
        return (
            account.opened_on <= line
            and (account.last_trade_on is None or account.last_trade_on < line)
            and (account.last_position_on is None or account.last_position_on < line)
            and account.equity + _coming(account) <= self._most
        )

    @cached_property
    def _most(self) -> int:
        return to_li(self.equity)

    def _warn(self, today: date, account: Account, calendar: Calendar) -> Iterable[Finding]:
        if account.opened_on is None or _far(account, self._most):
            return  # before the calendar is asked, which may end
        judgement = calendar.judgement_day(calendar.after(today))
        left = calendar.distance(today, judgement)
        level = (left <= self.raise_before) + (left <= self.remind_before)
        said = account.said(self.rule, judgement.isoformat())
        if level <= (said.level if said else 0) or not self.near(account, judgement):
            return
        step = Step.UPDATED if said and said.stands else Step.RAISED
        yield Finding(
            step,
            judgement.isoformat(),
            f"再过{left}个交易日（{judgement}）将被认定为休眠账户",
            {
                "认定日": judgement.isoformat(),
                "剩余": f"{left}个交易日",
                "权益": _equity(account),
                "开户日": account.opened_on.isoformat(),
                "最后交易": f"{account.last_trade_on or '无记录'}",
            },
            level,
        )

    def _open(self, account: Account, today: date) -> Iterable[tuple[date, Spoken]]:
        for key, spoken in account.spoken.items():
            rule, _, episode = key.partition("|")
            if rule == self.rule and spoken.level and date.fromisoformat(episode) >= today:
                yield date.fromisoformat(episode), spoken


def _coming(account: Account) -> int:
    """Return the net money, in 厘, that is paid in and not settled yet; more paid out is none."""
    days = account.days.items()
    return max(0, sum(flows.net for day, flows in days if account.unsettled(day)))


def _far(account: Account, most: int) -> bool:
    """Say whether there is a position, or more equity (厘) than a dormant account has."""
    equity = account.equity
    return equity is None or equity > most or account.position_lots > 0


def years_before(day: date, years: int) -> date:
    """Return the same date some years before; 29 February becomes the 28th.

    >>> years_before(date(2024, 2, 29), 1).isoformat()
    '2023-02-28'
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _equity(account: Account) -> str:
    return "未知" if account.equity is None else full(from_li(account.equity))
