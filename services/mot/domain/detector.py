"""The shape of a detector: (event, before, after) → findings. It holds thresholds, never memory."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PositiveInt
from pydantic.alias_generators import to_snake

from services.mot.domain.account import Account, Spoken
from services.mot.domain.events import AccountSettled, DayClosed
from shared.contracts.alerts import Module, Urgency
from shared.kernel.trading_day import Calendar

UNVERIFIED = "当日结算里没有这个账户，未能核实，暂定的提醒到期"
E = TypeVar("E")
Calm = Callable[[Any, Account, Account, Calendar], bool]
"""Asked as ``detect`` is: says that there is nothing to be found."""


class Step(StrEnum):
    """What a finding does to its alert; the value is the event type's last word."""

    RAISED = "raised"
    UPDATED = "updated"
    CONFIRMED = "confirmed"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"
    NOTED = "noted"  # remembered only: no event


@dataclass(frozen=True)
class Finding:
    """What a detector says. ``episode`` names the alert among its rule's and account's.

    ``facts`` are what a person reads, in order. ``level`` (how far the alert went), ``figure`` (the
    number told) and whether it is ``provisional`` are remembered; see ``Spoken``.
    """

    step: Step
    episode: str
    summary: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    level: int = 1
    provisional: bool = False
    figure: int = 0
    tell_from: datetime | None = None


class Condition(NamedTuple):
    """One condition of a rule: the account's figure beside the line, and whether it is met.

    ``met`` None: it cannot be said from what is known.
    """

    name: str
    figure: str
    line: str
    met: bool | None


def settle(said: Spoken | None, holds: bool, figure: int, long_ago: bool = False) -> Step | None:
    """Return what the settlement of an alert's own day does to it; None: nothing more to say.

    Intraday truth is provisional: the settlement confirms it, amends its figure or takes it back.
    ``long_ago``: the day is too far back for a message that nobody had.
    """
    if said is None or not said.stands:
        return Step.RAISED if holds and not long_ago else None
    if not holds:
        return Step.WITHDRAWN
    if figure != said.figure:
        return Step.AMENDED
    return None if said.settled else Step.CONFIRMED


def unjudged(said: Spoken | None, day: date) -> Iterator[Finding]:
    """Note that a settlement has come that lacks the figure: its alert stands as it was told."""
    if said is not None and said.stands and not said.settled:
        yield Finding(Step.NOTED, day.isoformat(), level=said.level, figure=said.figure)


def unverified(rule: str, closed: date, account: Account) -> Iterator[Finding]:
    """Take back what was told of days up to a closed one, and no settlement has come for.

    The day's settlements came before its close: a provisional alert never stands for ever. For
    rules whose episode is the day.
    """
    for episode, said in account.standing(rule).items():
        if not said.settled and date.fromisoformat(episode) <= closed:
            yield Finding(Step.WITHDRAWN, episode, UNVERIFIED, level=0)


def newest_day(account: Account) -> date | None:
    """Return the newest trading day that an account knows of."""
    balance = [account.balance.day] if account.balance else []
    settled = [account.settled] if account.settled else []
    return max([*account.days, *settled, *balance], default=None)


def judged_day(event: Any, after: Account) -> date | None:
    """Return the trading day that a daily rule judges at this event; None: it is no occasion.

    Daily and absence rules speak with an account's newest settlement, and at the day's close for
    accounts that the day's files leave out.
    """
    if isinstance(event, DayClosed):
        return event.data.trading_day
    if isinstance(event, AccountSettled) and event.data.trading_day == after.settled:
        return after.settled
    return None


class Detector(BaseModel, Generic[E]):
    """One rule: thresholds with its sentence for the manager.

    ``action`` says what to do now, ``action_after`` when it is confirmed or withdrawn.
    ``version`` counts the rule's published versions; the calendar is given, never asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: ClassVar[str]
    """The rule's name: that of ``LargeWithdrawal`` is ``large_withdrawal``."""
    message_type: ClassVar[str]
    module: ClassVar[Module] = Module.MOVEMENT
    action: ClassVar[str]
    action_after: ClassVar[str] = "无需再处理。"
    listens_to: ClassVar[tuple[type[Any], ...]]
    of_feed: ClassVar[bool] = False
    """It watches the broker's data sources, and no client."""

    version: PositiveInt = 1
    urgency: Urgency = Urgency.HIGH

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Name the rule."""
        cls.rule = to_snake(cls.__name__)

    def detect(
        self, event: E, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare the account before and after the event."""
        raise NotImplementedError

    @classmethod
    def calm(cls, family: Sequence[Self]) -> Calm | None:
        """Return one look that spares asking each of a family; None: each is asked.

        A family are the rules that share this function and stand side by side. The look is asked of
        accounts of which none of them has spoken lately: nearly all. When in doubt it says no.
        """
        return None

    @property
    def shares(self) -> type["Detector[Any]"]:
        """Return the class whose ``calm`` it is."""
        return next(made for made in type(self).__mro__ if "calm" in vars(made))

    def action_for(self, step: Step) -> str:
        """Return the runbook's sentence."""
        over = step in (Step.CONFIRMED, Step.WITHDRAWN)
        return self.action_after if over else self.action

    def thresholds(self) -> dict[str, str]:
        """Return the numbers in force as text, for the passport; what is no text is JSON."""
        return self._thresholds

    @cached_property
    def _thresholds(self) -> dict[str, str]:
        own = self.model_dump(mode="json", exclude={"version", "urgency"})
        return {n: v if isinstance(v, str) else json.dumps(v) for n, v in own.items()}

    def blind(self, today: date, calendar: Calendar) -> bool:
        """Say whether the calendar ends before the day that the rule looks ahead to."""
        return False

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Return each condition of the rule as the account stands now; at least one.

        For a person who asks why a client was, or was not, alerted. It decides nothing.
        """
        raise NotImplementedError
