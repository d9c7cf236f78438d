"""What a worker says on ``mot.state.v1``: pure. A crash repeats it with the same ids."""

from collections.abc import Iterator
from datetime import datetime

from services.mot.domain.account import Account
from services.mot.domain.passport import state_text
from services.mot.domain.telling import REHEARSAL, SOURCE
from services.mot.partition import Closing
from services.mot.rulebook import versions_of
from shared.contracts.states import (
    AccountRemembered,
    Application,
    DayMemory,
    DayRemembered,
    Memory,
    RulesApplied,
    state_id,
)


def remembered(day: Closing) -> Iterator[AccountRemembered]:
    """Return one record for each account that had changed."""
    return (_account(key, state, day) for key, state in day.states)


def day_remembered(day: Closing) -> DayRemembered:
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
    return DayRemembered(
        id=state_id("day.remembered", subject, day.partition, day.offset),
        source=SOURCE,
        subject=subject,
        time=day.event.time,
        data=body,
    )


def rules_applied(stamp: str, partition: int, after: int, time: datetime) -> RulesApplied:
    """Return the record that says: behind ``after`` these versions watch the partition."""
    subject = place_name(partition)
    return RulesApplied(
        id=state_id("rules.applied", f"{stamp}|{subject}", partition, after),
        source=SOURCE,
        subject=subject,
        time=time,
        data=Application(partition=partition, after=after, rules=versions_of(stamp)),
    )


def place_name(partition: int) -> str:
    """Return the subject, and the key, of what is said of a whole partition."""
    return f"partition-{partition}"


def key_of_memory(memory: Memory) -> str:
    """Return the key under which mot keeps the account's state."""
    return f"{REHEARSAL if memory.rehearsal else ''}{memory.broker}:{memory.account}"


def _account(key: str, state: Account, day: Closing) -> AccountRemembered:
    subject = key.removeprefix(REHEARSAL)
    broker, _, account = subject.partition(":")
    body = Memory.model_validate(
        {
            "broker": broker,
            "account": account,
            "rehearsal": key.startswith(REHEARSAL),
            "trading_day": day.event.data.trading_day,
            "partition": day.partition,
            "offset": day.offset,
            "state": state_text(state),
        }
    )
    return AccountRemembered(
        id=state_id("account.remembered", key, day.partition, day.offset),
        source=SOURCE,
        subject=subject,
        time=day.event.time,
        data=body,
    )
