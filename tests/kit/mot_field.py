"""One partition of mot with lists in the place of Kafka and Valkey: a log, alerts, states, a store.

``crash`` names the step that fails next: ``publish``, ``closed``, ``applied`` or ``remember``.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from services.mot.agent import Watcher
from services.mot.domain.account import Account
from services.mot.domain.events import TradingEvent
from services.mot.domain.passport import event_text
from services.mot.folding import AsRecorded
from services.mot.memories import day_remembered, remembered, rules_applied
from services.mot.partition import Advance, Closing, Fetched, Letter, Partition
from services.mot.retrace import Past
from services.mot.rulebook import Rulebook
from services.mot.rules import read_rules
from shared.contracts.alerts import AlertEvent
from shared.contracts.event import sequence_of
from shared.contracts.rules import Rule, published
from tests.kit import events
from tests.kit.events import BROKER, moment

NUMBER = 3
DAYS = (date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3))

LOW = {"limit": "100000", "floor": "100000", "share": "0.5"}


def rule(version: int, **given: object) -> bytes:
    """Return a published version of 大额出金 with a low line."""
    told = {
        "rule": "large_withdrawal",
        "version": version,
        "urgency": "high",
        "thresholds": LOW,
        "author": "ann",
        "published_at": "2026-06-01T10:00:00+08:00",
    }
    return published(Rule.model_validate(told | given)).encode()


class Record(NamedTuple):
    """A record of the log."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: tuple[()] = ()


@dataclass
class Field:
    """What outlives a worker; ``take_over`` begins another one over it."""

    book: Rulebook = field(default_factory=lambda: Rulebook(read_rules()))
    alerts: list[AlertEvent] = field(default_factory=list)
    states: list[bytes] = field(default_factory=list)
    stored: dict[str, Account] = field(default_factory=dict)
    done: Advance = field(default_factory=lambda: Advance(0, -1, "", ""))
    crash: str = ""

    async def publish(
        self, partition: int, alerts: Sequence[AlertEvent], letters: Sequence[Letter]
    ) -> None:
        self._maybe_crash("publish")
        assert not letters
        self.alerts += alerts

    async def closed(self, days: Sequence[Closing]) -> None:
        for day in days:
            self.states += [state.value for state in remembered(day)]
            self._maybe_crash("closed")
            self.states.append(day_remembered(day).value)

    async def applied(self, stamp: str, partition: int, after: int) -> None:
        time = moment(DAYS[0], "09:00")
        self.states.append(rules_applied(stamp, partition, after, time).value)
        self._maybe_crash("applied")

    async def remember(
        self, mine: Partition, done: Advance, touched: Mapping[str, Account]
    ) -> None:
        self._maybe_crash("remember")
        assert done.first == self.done.last + 1
        self.stored |= touched
        self.done = done

    def _maybe_crash(self, step: str) -> None:
        if self.crash == step:
            self.crash = ""
            raise ConnectionError(step)

    def take_over(self, end: int = 0) -> Partition:
        """Return the partition as a new worker finds it, when the log ends at ``end``."""
        done = self.done
        return Partition(
            NUMBER, done.last, done.clock, dict(self.stored), rules=done.rules, seen=end
        )

    def watcher(self) -> Watcher:
        return Watcher(
            AsRecorded(self.book), self.publish, self.remember, book=self.book, chronicle=self
        )

    def past(self, before: int | None = None) -> Past:
        """Return what ``mot.state.v1`` tells."""
        past = Past(before)
        for raw in self.states:
            past.take(raw)
        return past

    def said(self) -> dict[str, bytes]:
        """Return the alerts by their ids, as a consumer has them that drops repeated ones."""
        return {alert.id: alert.encode() for alert in reversed(self.alerts)}


def fetched(records: Sequence[Record]) -> Fetched:
    """Return what one fetch brings."""
    return Fetched(NUMBER, records[0].offset, records[-1].offset, list(records))


def logged(told: Iterable[TradingEvent], start: int = 0) -> list[Record]:
    """Return events as the partition's records, each with its sequence."""
    return [_record(offset, event) for offset, event in enumerate(told, start)]


def season(seed: int, accounts: int = 4, moves: int = 30) -> list[Record]:
    """Return a log of some days: movements, figures, orders, ticks, settlements and closes."""
    chance = random.Random(seed)  # noqa: S311 a seeded test
    return logged(_season(chance, [f"8000{n:04}" for n in range(accounts)], moves))


def _record(offset: int, event: TradingEvent) -> Record:
    sequenced = replace(event, sequence=sequence_of(offset + 1), id=f"e{offset}")
    key = None if event.subject == "clock" else event.subject.encode()
    return Record(offset, key, event_text(sequenced).encode())


def _season(chance: random.Random, accounts: list[str], moves: int) -> Iterator[TradingEvent]:
    for account in accounts:
        opened = events.baselined(date(2019, 3, 1), day=DAYS[0], account=account)
        yield _of(opened, account)
    for day in DAYS:
        for _ in range(moves):
            yield _of(_move(chance, day), chance.choice(accounts))
        yield events.ticked(moment(day, "14:30"))
        for account in accounts:
            available = chance.choice((-300_000, 100_000, -150_000, 0))
            yield _of(events.settled(chance.randrange(1, 40) * 100_000, day, available), account)
        yield events.closed(day)


def _move(chance: random.Random, day: date) -> TradingEvent:
    amount, at = chance.randrange(1, 30) * 100_000, moment(day, f"10:{chance.randrange(60):02}")
    kind = chance.randrange(6)
    if kind == 0:
        return events.deposited(amount, day)
    if kind == 1:
        return events.snapshotted(chance.choice((-500_000, 200_000)), at)
    if kind == 2:
        order = f"F{chance.randrange(4)}"
        return events.ordered(at, chance.randrange(3), "partly-filled", order_id=order)
    return events.withdrew(amount, day)


def _of(event: TradingEvent, account: str) -> TradingEvent:
    body = replace(event.data, account=account)
    return replace(event, subject=f"{BROKER}:{account}", data=body)
