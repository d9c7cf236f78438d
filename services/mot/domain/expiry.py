"""到期 — what the detectors of a coming end share: told so many trading days before it."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar, Self

from pydantic import PositiveInt

from services.mot.domain.account import Account
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
    AgreementRecorded,
    DayClosed,
)
from services.mot.domain.evolve import ends_told
from shared.contracts.alerts import Module, Urgency
from shared.kernel.trading_day import Calendar, longest

Heard = AccountSettled | DayClosed | AccountBaselined | AgreementRecorded


class Expiry(Detector[Heard]):
    """Raised ``raise_before`` trading days before the end, updated ``remind_before``.

    An end that is moved takes the warning of the old one back.
    """

    what: ClassVar[str]
    module: ClassVar = Module.REMINDER

    urgency: Urgency = Urgency.MIDDLE
    raise_before: PositiveInt = 20
    remind_before: PositiveInt = 5

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """Nothing is known that ends."""
        return lambda event, before, after, calendar: not after.ends and not before.ends

    @abstractmethod
    def own(self, ends: Mapping[str, date]) -> Mapping[str, date]:
        """Return episode → last day, of those among the named ends that are this rule's."""

    def named(self, episode: str) -> str:
        """Return what ends, as a person reads it."""
        return self.what

    def blind(self, today: date, calendar: Calendar) -> bool:
        """An end beyond the calendar cannot be counted to, and is not told."""
        return calendar.days_left(today) < self.raise_before

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Each end that is still to come."""
        today, line = newest_day(account), f"≤ {self.raise_before}个交易日"
        coming = {} if today is None else self.own(account.ends)
        for end in coming.values():
            if today is None or not today <= end <= calendar.last:
                figure = "已过" if end <= calendar.last else "在日历之外"
                yield Condition(f"{end}到期", figure, line, False)
                continue
            left = calendar.distance(today, end)
            yield Condition(f"{end}到期", f"{left}个交易日", line, left <= self.raise_before)
        if not coming:
            yield Condition("到期日", "未知", line, None)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Judge each day, and when an end becomes known; take back what was moved."""
        told = None
        if isinstance(event, AccountBaselined | AgreementRecorded):
            told = ends_told(event.data)
        today = judged_day(event, after) if told is None else event.data.trading_day
        if today is None:
            return
        ends = self.own(after.ends)
        if told is not None:
            yield from self._moved(self.own(before.ends), ends, after, today)
            ends = self.own(told)
        # A first look; an end that the calendar does not reach is further than one can count.
        latest = min(today + longest(self.raise_before), calendar.last)
        for episode, end in ends.items():
            if today <= end <= latest:
                yield from self._warn(episode, end, after, calendar.distance(today, end))

    def _warn(self, episode: str, end: date, after: Account, left: int) -> Iterable[Finding]:
        level = (left <= self.raise_before) + (left <= self.remind_before)
        said = after.said(self.rule, episode)
        if level <= (said.level if said else 0):
            return
        step = Step.UPDATED if said and said.stands else Step.RAISED
        what = self.named(episode)
        facts = {"到期日": end.isoformat(), "剩余": f"{left}个交易日", "项目": what}
        when = f"将于{end}到期，剩余{left}个交易日" if left else f"今日（{end}）到期"
        yield Finding(step, episode, f"{what}{when}", facts, level, figure=left)

    def _moved(
        self, was: Mapping[str, date], now: Mapping[str, date], after: Account, today: date
    ) -> Iterable[Finding]:
        for episode, end in was.items():
            said = after.said(self.rule, episode)
            if now.get(episode) != end and end >= today and said and said.stands:
                yield Finding(
                    Step.WITHDRAWN, episode, f"{self.named(episode)}的到期日已变更", level=0
                )


class BaselineExpiry(Expiry):
    """What is kept under one name, ``end``, and told by a baseline; each day is an episode."""

    end: ClassVar[str]
    listens_to: ClassVar = (AccountSettled, DayClosed, AccountBaselined)

    def own(self, ends: Mapping[str, date]) -> Mapping[str, date]:
        """Return the day, as its own episode."""
        day = ends.get(self.end)
        return {} if day is None else {day.isoformat(): day}
