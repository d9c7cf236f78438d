"""风险度 — what the detectors of a day's risk level share: a line crossed, once a trading day."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Self

from services.mot.domain.account import Account, Balance
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
from services.mot.domain.settling import balance as told_by
from shared.kernel.money import from_li, full, percent
from shared.kernel.trading_day import Calendar

Figures = AccountSnapshotted | AccountSettled | DayClosed
STANDING, LAPSED = 1, 2


class Crossing(Detector[Figures]):
    """One alert per level and trading day; crossing again after it has lapsed is an update.

    An intraday alert is provisional: the day's settlement confirms, amends or withdraws it.
    """

    action_after: ClassVar = "请以结算后的风险度为准，必要时跟进。"
    listens_to: ClassVar = (AccountSnapshotted, AccountSettled, DayClosed)

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """Nothing is crossed while there is equity, and either margin is under the lowest line."""
        lines = [rule.line for rule in family if isinstance(rule, RatioCrossing)]
        over, under = min(lines).as_integer_ratio() if lines else (1, 0)

        def look(event: Figures, before: Account, after: Account, calendar: Calendar) -> bool:
            now = after.balance
            if now is None or now is before.balance:
                return not isinstance(event, AccountSettled)  # which has its own day's figures
            equity = now.equity
            return (
                equity > 0
                and (now.margin or 0) * under < over * equity
                and (now.exchange_margin or 0) * under < over * equity
            )

        return look

    def margin(self, balance: Balance) -> int | None:
        """Return the margin that is looked at, in 厘; unknown, nothing is judged."""
        return balance.margin

    @abstractmethod
    def holds(self, balance: Balance) -> bool:
        """Say whether the figures are at the line or over it."""

    @abstractmethod
    def lapsed(self, balance: Balance) -> bool:
        """Say whether the figures are so far under the line that crossing it again is news."""

    @abstractmethod
    def figure(self, balance: Balance) -> int:
        """Return the number told, which the settlement is compared with."""

    @abstractmethod
    def summary(self, balance: Balance) -> str:
        """Return what holds, as a sentence."""

    @abstractmethod
    def over(self, balance: Balance) -> str:
        """Return why it holds no more, as a sentence."""

    def headline(self, balance: Balance) -> dict[str, str]:
        """Return the fact that goes before the others."""
        return {}

    def detect(
        self, event: Figures, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare the newest figures with the line and with what was said today."""
        if isinstance(event, DayClosed):
            return unverified(self.rule, event.data.trading_day, after) if after.spoken else ()
        balance = _figures(event, before, after)
        return () if balance is None else self._judged(event, balance, after)

    def _judged(self, event: Figures, balance: Balance, after: Account) -> Iterator[Finding]:
        day = balance.day
        said = after.said(self.rule, day.isoformat())
        if self.margin(balance) is None:
            if isinstance(event, AccountSettled):
                yield from unjudged(said, day)
            return
        if isinstance(event, AccountSettled):
            step = settle(said, self.holds(balance), self.figure(balance), after.long_ago(day))
            if step is not None:
                yield self._finding(step, day, balance, settled=True)
        elif after.unsettled(day):
            stands = said is not None and said.level == STANDING
            if self.holds(balance) and not stands:
                yield self._finding(Step.RAISED, day, balance, settled=False)
            elif said is not None and stands and self.lapsed(balance):
                yield Finding(
                    Step.NOTED,
                    day.isoformat(),
                    level=LAPSED,
                    provisional=True,
                    figure=said.figure,
                )

    def _finding(self, step: Step, day: date, balance: Balance, settled: bool) -> Finding:
        words = {Step.CONFIRMED: "结算确认：", Step.AMENDED: "结算更正："}
        ended = step is Step.WITHDRAWN
        summary = self.over(balance) if ended else words.get(step, "") + self.summary(balance)
        facts = {
            **self.headline(balance),
            "权益": full(from_li(balance.equity)),
            "保证金": _money(balance.margin),
            "交易所保证金": _money(balance.exchange_margin),
        }
        level = 0 if ended else STANDING
        return Finding(
            step, day.isoformat(), summary, facts, level, not settled, self.figure(balance)
        )


class RatioCrossing(Crossing):
    """``line``: the ratio of margin to equity that counts (1 = 100 %); ``gap``: how far under it.

    Equity at or below zero is no ratio: that is 穿仓, a rule of its own.
    """

    ratio: ClassVar[str] = "风险度"

    line: Decimal
    gap: Decimal = Decimal("0.05")

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """The newest ratio against the line."""
        balance, line = account.balance, percent(int(self.line * 10_000))
        if balance is None or self.margin(balance) is None:
            yield Condition(self.ratio, "未知", line, None)
            return
        told = "穿仓" if balance.equity <= 0 else percent(self.figure(balance))
        yield Condition(f"{balance.day}{self.ratio}", told, line, self.holds(balance))

    def holds(self, balance: Balance) -> bool:
        """Reaching the line counts."""
        margin, equity = self.margin(balance), balance.equity
        over, under = self._line
        return margin is not None and equity > 0 and margin * under >= over * equity

    def lapsed(self, balance: Balance) -> bool:
        """Under the line by the gap: so many points fallen count."""
        margin, equity = self.margin(balance), balance.equity
        over, under = self._release
        return margin is not None and equity > 0 and margin * under <= over * equity

    def figure(self, balance: Balance) -> int:
        """Return the ratio in basis points."""
        return (self.margin(balance) or 0) * 10_000 // balance.equity if balance.equity > 0 else 0

    def over(self, balance: Balance) -> str:
        """Return the ratio; without equity there is none."""
        if balance.equity <= 0:
            return "按结算已穿仓，本条不再适用"
        return f"按结算{self.ratio}{self.told(balance)}，已不再触及"

    def headline(self, balance: Balance) -> dict[str, str]:
        """Return the ratio."""
        return {self.ratio: self.told(balance)}

    def told(self, balance: Balance) -> str:
        """Return the ratio as a person reads it; with equity at or below zero it is none."""
        return percent(self.figure(balance)) if balance.equity > 0 else "穿仓"

    @cached_property
    def _line(self) -> tuple[int, int]:
        return self.line.as_integer_ratio()

    @cached_property
    def _release(self) -> tuple[int, int]:
        return (self.line - self.gap).as_integer_ratio()


def _figures(event: Figures, before: Account, after: Account) -> Balance | None:
    """Return what an event tells; None: it is outdated.

    A settlement never is: it has the last word on its own day, whichever days are settled already.
    """
    now = after.balance
    if now is not before.balance:
        return now
    return told_by(event.data) if isinstance(event, AccountSettled) else None


def _money(li: int | None) -> str:
    return "未知" if li is None else full(from_li(li))
