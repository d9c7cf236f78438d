"""What a worker says on ``mot.state.v1``: pure. A crash repeats it with the same ids."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from services.mot.domain.account import Account
from services.mot.domain.stored import state_text
from services.mot.domain.telling import REHEARSAL, SOURCE
from services.mot.partition import Closing
from services.mot.rulebook import versions_of
from shared.contracts.states import (
    Application,
    DayMemory,
    DayRemembered,
    Memory,
    RulesApplied,
    state_id,
)


class Kept(NamedTuple):
    """A record of the topic: its key, and its bytes as the contract writes them."""

    key: str
    value: bytes


def remembered(day: Closing) -> Iterator[Kept]:
    """Return one ``account.remembered`` for each account that had changed."""
    return (_account(key, state, day) for key, state in day.states)


def day_remembered(day: Closing) -> Kept:
    """Return the record that says: the day's states are all in."""
    subject, data = place_name(day.partition), day.event.data
    body = DayMemory.model_validate(
        {
            "broker": data.broker,
            "trading_day": data.trading_day,
            "partition": day.partition,
            "offset": day.offset,
            "clock": day.clock,
            "accounts": len(day.states),
            "rules": versions_of(day.rules),
        }
    )
    event = DayRemembered(
        id=state_id("day.remembered", subject, day.partition, day.offset),
        source=SOURCE,
        subject=subject,
        time=day.event.time,
        data=body,
    )
    return Kept(subject, event.encode())


def rules_applied(stamp: str, partition: int, after: int, time: datetime) -> Kept:
    """Return the record that says: behind ``after`` these versions watch the partition."""
    subject = place_name(partition)
    event = RulesApplied(
        id=state_id("rules.applied", f"{stamp}|{subject}", partition, after),
        source=SOURCE,
        subject=subject,
        time=time,
        data=Application(partition=partition, after=after, rules=versions_of(stamp)),
    )
    return Kept(subject, event.encode())


def place_name(partition: int) -> str:
    """Return the subject, and the key, of what is said of a whole partition."""
    return f"partition-{partition}"


def key_of_memory(memory: Memory) -> str:
    """Return the key under which mot keeps the account's state."""
    return f"{REHEARSAL if memory.rehearsal else ''}{memory.broker}:{memory.account}"


class _Body(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    broker: str
    account: str
    rehearsal: bool
    trading_day: date
    partition: int
    offset: int
    state: str


class _Remembered(msgspec.Struct, kw_only=True, frozen=True, gc=False):
    """``account.remembered`` in the contract's order: a day has as many as there are accounts."""

    specversion: str = "1.0"
    id: str
    source: str = SOURCE
    type: str = "account.remembered"
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    data: _Body


_encode = msgspec.json.Encoder().encode


def _account(key: str, state: Account, day: Closing) -> Kept:
    subject = key.removeprefix(REHEARSAL)
    broker, _, account = subject.partition(":")
    body = _Body(
        broker=broker,
        account=account,
        rehearsal=key.startswith(REHEARSAL),
        trading_day=day.event.data.trading_day,
        partition=day.partition,
        offset=day.offset,
        state=state_text(state),
    )
    id_ = state_id("account.remembered", key, day.partition, day.offset)
    return Kept(
        subject, _encode(_Remembered(id=id_, subject=subject, time=day.event.time, data=body))
    )
