"""What mot remembered, for its own rebuild. Topic ``mot.state.v1``, owner mot, kept 400 days.

Key: ``broker:account``; each record lies in the same partition number as the account's events. At a
day's close each account that has changed since the last one, then ``day.remembered``: all changes
up to that offset are there; states without it behind them do not count. ``rules.applied`` says from
where on which versions were in force. Ids follow from what is said: a crash repeats records, never
makes second ones.
"""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field, NonNegativeInt, PositiveInt, TypeAdapter

from shared.contracts.event import Code, Event, Model
from shared.kernel.trading_day import TradingDay

STATES_NAMESPACE = UUID("6d6f7400-0000-5000-8000-737461746573")


class Memory(Model):
    """An account's compact state behind the record at ``offset`` of its partition, as JSON."""

    broker: Code
    account: Code
    rehearsal: bool = Field(default=False, description="the state of an exchange's weekend test")
    trading_day: TradingDay
    partition: NonNegativeInt
    offset: NonNegativeInt
    state: str


class DayMemory(Model):
    """The day's states are all in; ``clock`` is the last broadcast sequence folded in.

    ``rules``: the versions that were in force at the close.
    """

    broker: Code
    trading_day: TradingDay
    partition: NonNegativeInt
    offset: NonNegativeInt
    clock: str = Field(pattern=r"^\d*$")
    accounts: NonNegativeInt
    rules: dict[str, PositiveInt] = Field(default_factory=dict)


class Application(Model):
    """Behind ``after`` (−1: from the beginning) these versions watch the partition."""

    partition: NonNegativeInt
    after: int = Field(ge=-1)
    rules: dict[str, PositiveInt]


class AccountRemembered(Event):
    """账户状态."""

    type: Literal["account.remembered"] = "account.remembered"
    data: Memory


class DayRemembered(Event):
    """当日状态齐全."""

    type: Literal["day.remembered"] = "day.remembered"
    data: DayMemory


class RulesApplied(Event):
    """规则生效."""

    type: Literal["rules.applied"] = "rules.applied"
    data: Application


StateEvent = Annotated[
    AccountRemembered | DayRemembered | RulesApplied, Field(discriminator="type")
]
STATES: TypeAdapter[StateEvent] = TypeAdapter(StateEvent)


def state_id(type_: str, subject: str, partition: int, offset: int) -> str:
    """Return the id of a record about a place in the log: the same however often it is said."""
    return str(uuid5(STATES_NAMESPACE, f"{type_}|{subject}|{partition}|{offset}"))
