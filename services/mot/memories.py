"""What a worker says on ``mot.state.v1``: pure. A crash repeats it with the same ids."""

from collections.abc import Iterable
from typing import Any

from services.mot.domain.account import Account
from services.mot.domain.events import DayClosed
from services.mot.domain.passport import state_text
from services.mot.domain.watch import REHEARSAL
from services.mot.rulebook import InForce, versions_of
from shared.contracts.states import (
    AccountRemembered,
    Application,
    DayMemory,
    DayRemembered,
    Memory,
    RulesApplied,
    state_id,
)

SOURCE = "guanchao/mot"


def remembered(
    states: Iterable[tuple[str, Account]], event: DayClosed, partition: int, offset: int
) -> list[AccountRemembered]:
    """Return one record for each (key, state) behind the day's close at ``offset``."""
    return [_account(key, state, event, (partition, offset)) for key, state in states]


def day_remembered(
    event: DayClosed, place: tuple[int, int], clock: str, accounts: int
) -> DayRemembered:
    """Return the record that says: the day's states are all in. ``place``: partition, offset."""
    partition, offset = place
    body = DayMemory.model_validate(
        {
            "broker": event.data.broker,
            "trading_day": event.data.trading_day,
            "partition": partition,
            "offset": offset,
            "clock": clock,
            "accounts": accounts,
        }
    )
    subject = place_name(partition)
    return DayRemembered(
        id=state_id("day.remembered", f"{event.data.broker}|{subject}", partition, offset),
        source=SOURCE,
        subject=subject,
        time=event.time,
        data=body,
    )


def rules_applied(rules: InForce, partition: int, after: int, time: Any) -> RulesApplied:
    """Return the record that says: behind ``after`` these versions watch the partition."""
    subject = place_name(partition)
    return RulesApplied(
        id=state_id("rules.applied", f"{rules.stamp}|{subject}", partition, after),
        source=SOURCE,
        subject=subject,
        time=time,
        data=Application(partition=partition, after=after, rules=versions_of(rules.stamp)),
    )


def place_name(partition: int) -> str:
    """Return the subject, and the key, of what is said of a whole partition."""
    return f"partition-{partition}"


def key_of_memory(memory: Memory) -> str:
    """Return the key under which mot keeps the account's state."""
    return f"{REHEARSAL if memory.rehearsal else ''}{memory.broker}:{memory.account}"


def of_broker(key: str, broker: str) -> bool:
    """Say whether a key is that of one of a broker's accounts, rehearsals too."""
    return key.removeprefix(REHEARSAL).startswith(f"{broker}:")


def _account(
    key: str, state: Account, event: DayClosed, place: tuple[int, int]
) -> AccountRemembered:
    subject, (partition, offset) = key.removeprefix(REHEARSAL), place
    broker, _, account = subject.partition(":")
    body = Memory(
        broker=broker,
        account=account,
        rehearsal=key.startswith(REHEARSAL),
        trading_day=event.data.trading_day,  # type: ignore[arg-type]
        partition=partition,
        offset=offset,
        state=state_text(state),
    )
    return AccountRemembered(
        id=state_id("account.remembered", key, partition, offset),
        source=SOURCE,
        subject=subject,
        time=event.time,
        data=body,
    )
