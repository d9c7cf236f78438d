"""The shell of mot with dicts and lists: no Kafka, no Valkey, no mock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from services.mot.agent import Gap, LetterLimit, TooManyLetters, Watcher
from services.mot.domain.account import Account
from services.mot.folding import Watching
from services.mot.partition import Advance, Burials, Fetched, Letter, Partition
from services.mot.rules import read_rules
from shared.contracts.alerts import AlertEvent
from shared.contracts.event import sequence_of
from shared.contracts.trading import TRADING

DAY = "2026-06-01"
MOMENT = "2026-06-01T10:00:00+08:00"


class Record(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: tuple[()] = ()


def event(type_: str, sequence: int | None, **data: Any) -> bytes:
    body = {"broker": "demo", "trading_day": DAY, **data}
    subject = f"demo:{data['account']}" if "account" in data else "clock"
    made = TRADING.validate_python(
        {
            "id": f"e{sequence}",
            "source": "test",
            "type": type_,
            "subject": subject,
            "time": MOMENT,
            "sequence": None if sequence is None else sequence_of(sequence),
            "data": body,
        }
    )
    return made.encode()


def withdrew(offset: int, amount: str, *, account: str = "80000001", sequence: int = 0) -> Record:
    value = event(
        "funds.withdrawn",
        sequence or offset + 1,
        account=account,
        amount=amount,
        happened_at=MOMENT,
        serial=f"s{offset}",
    )
    return Record(offset, f"demo:{account}".encode(), value)


def forced(offset: int, account: str = "80000001") -> Record:
    body = {"order_id": "o1", "exchange": "SHFE", "instrument": "rb2610", "direction": "sell"}
    figures = {"lots": 5, "filled": 0, "price": "3120", "reason": "1", "status": "open"}
    value = event("order.force-closed", offset + 1, account=account, at=MOMENT, **body, **figures)
    return Record(offset, f"demo:{account}".encode(), value)


@dataclass
class World:
    """Kafka and Valkey as lists; ``crash`` names the step that fails next."""

    alerts: list[AlertEvent] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    stored: dict[str, Account] = field(default_factory=dict)
    watermark: int = -1
    clock: str = ""
    burials: Burials = field(default_factory=Burials)
    crash: str = ""
    limit: LetterLimit = field(default_factory=LetterLimit)

    async def publish(
        self, partition: int, alerts: Sequence[AlertEvent], letters: Sequence[Letter]
    ) -> None:
        self._maybe_crash("publish")
        self.alerts += alerts
        self.letters += [str(letter.reason) for letter in letters]

    async def remember(
        self, mine: Partition, done: Advance, touched: Mapping[str, Account]
    ) -> None:
        self._maybe_crash("remember")
        assert done.first == self.watermark + 1
        self.stored |= touched
        self.watermark, self.clock, self.burials = done.last, done.clock, done.burials

    def _maybe_crash(self, step: str) -> None:
        if self.crash == step:
            self.crash = ""
            raise ConnectionError(step)

    def take_over(self) -> Partition:
        return Partition(3, self.watermark, self.clock, dict(self.stored), burials=self.burials)

    def watcher(self) -> Watcher:
        return Watcher(Watching(read_rules()), self.publish, self.remember, self.limit)


def fetched(*records: Record) -> Fetched:
    return Fetched(3, records[0].offset, records[-1].offset, list(records))


def told(world: World) -> list[tuple[str, int]]:
    return [(alert.type, alert.data.revision) for alert in world.alerts]


async def test_a_batch_raises_its_alert_and_moves_the_watermark() -> None:
    world = World()
    mine = world.take_over()
    await world.watcher().apply(mine, fetched(withdrew(0, "300000"), withdrew(1, "300000")))
    assert told(world) == [("alert.raised", 1)]
    assert (world.watermark, mine.offset) == (1, 1)


async def test_records_behind_the_watermark_are_skipped() -> None:
    world = World()
    mine, watcher = world.take_over(), world.watcher()
    records = [withdrew(0, "300000"), withdrew(1, "300000")]
    await watcher.apply(mine, fetched(*records))
    done = await watcher.apply(mine, fetched(*records))
    assert (told(world), done.watched) == ([("alert.raised", 1)], 0)


async def test_a_repeated_sequence_is_folded_once() -> None:
    world = World()
    again = withdrew(1, "300000", sequence=1)
    done = await world.watcher().apply(world.take_over(), fetched(withdrew(0, "300000"), again))
    assert (world.alerts, done.repeated) == ([], 1)


@pytest.mark.parametrize("step", ["publish", "remember"])
async def test_a_crash_at_any_step_loses_nothing_and_repeats_only_the_same_bytes(step: str) -> None:
    world = World(crash=step)
    records = [withdrew(0, "600000"), withdrew(1, "1")]
    with pytest.raises(ConnectionError):
        await world.watcher().apply(world.take_over(), fetched(*records))
    await world.watcher().apply(world.take_over(), fetched(*records))
    assert {alert.encode() for alert in world.alerts} == {world.alerts[0].encode()}
    assert world.watermark == 1


async def test_a_hole_in_the_log_stops_the_worker() -> None:
    world = World()
    mine, watcher = world.take_over(), world.watcher()
    await watcher.apply(mine, fetched(withdrew(0, "1")))
    with pytest.raises(Gap):
        await watcher.apply(mine, fetched(withdrew(2, "1")))


UNREADABLE = {
    "not json": b"garbage",
    "empty": b"",
    "no value": None,
    "not utf-8": b'{"type":"\xff"}',
    "a float amount": withdrew(0, "1").value.replace(b'"1"', b"1.5"),  # type: ignore[union-attr]
    "NaN": withdrew(0, "1").value.replace(b'"1"', b'"NaN"'),  # type: ignore[union-attr]
    "another account's key": withdrew(0, "1", account="80000002").value,
    "no such day": withdrew(0, "1").value.replace(b"2026-06-01", b"2026-02-30"),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=list(UNREADABLE))
async def test_what_cannot_be_read_is_buried_and_the_rest_goes_on(value: bytes | None) -> None:
    world = World()
    records = [withdrew(0, "1"), Record(1, b"demo:80000001", value), withdrew(2, "600000")]
    await world.watcher().apply(world.take_over(), fetched(*records))
    assert len(world.letters) == 1
    assert told(world) == [("alert.raised", 1)]
    assert world.stored["demo:80000001"].incomplete


async def test_a_newer_type_on_the_topic_is_no_dead_letter() -> None:
    world = World()
    newer = Record(0, b"demo:80000001", b'{"type":"trade.executed","data":{"any":1}}')
    await world.watcher().apply(world.take_over(), fetched(newer))
    assert (world.letters, world.watermark) == ([], 0)


async def test_a_tick_looks_only_at_live_forced_orders() -> None:
    world = World()
    tick = Record(2, None, event("clock.ticked", 3, at=MOMENT))
    done = await world.watcher().apply(
        world.take_over(), fetched(forced(0), withdrew(1, "1", account="80000002"), tick)
    )
    assert done.watched == 3
    assert told(world) == [("alert.raised", 1)]


async def test_a_repeated_tick_is_skipped_after_a_restart_too() -> None:
    world = World()
    tick = event("clock.ticked", 3, at=MOMENT)
    first = await world.watcher().apply(
        world.take_over(), fetched(forced(0), Record(1, None, tick))
    )
    done = await world.watcher().apply(world.take_over(), fetched(Record(2, None, tick)))
    assert (done.repeated, done.watched) == (1, 0)
    assert (first.ticked, done.ticked) == (True, False)


def rehearsed(record: Record) -> Record:
    value = (record.value or b"").replace(b'"rehearsal":false', b'"rehearsal":true')
    return record._replace(value=value)


async def test_a_rehearsal_never_hides_or_ends_the_real_thing() -> None:
    world = World()
    tick = Record(3, None, event("clock.ticked", 9, at=MOMENT))
    records = [rehearsed(withdrew(0, "600000")), withdrew(1, "600000"), rehearsed(forced(2)), tick]
    await world.watcher().apply(world.take_over(), fetched(*records))
    said = [(alert.data.rule, alert.type, alert.data.rehearsal) for alert in world.alerts]
    assert said == [
        ("large_withdrawal", "alert.raised", True),
        ("large_withdrawal", "alert.raised", False),
        ("forced_liquidation", "alert.raised", True),
    ]
    assert len({alert.id for alert in world.alerts}) == 3
    assert {alert.subject for alert in world.alerts} == {"demo:80000001"}


def garbage(first: int, count: int) -> list[Record]:
    return [Record(first + n, b"demo:80000001", b"garbage") for n in range(count)]


def good(first: int, count: int) -> list[Record]:
    return [withdrew(first + n, "1") for n in range(count)]


async def test_a_log_that_cannot_be_read_stops_the_worker_before_it_is_buried() -> None:
    world = World(limit=LetterLimit(letters=5, share=0.1, records=20))
    mine, watcher = world.take_over(), world.watcher()
    await watcher.apply(mine, fetched(*garbage(0, 5)))
    with pytest.raises(TooManyLetters):
        await watcher.apply(mine, fetched(*garbage(5, 1)))
    assert (len(world.letters), world.watermark) == (5, 4)


async def test_a_restart_does_not_forget_how_many_were_buried() -> None:
    world = World(limit=LetterLimit(letters=5, share=0.1, records=20))
    await world.watcher().apply(world.take_over(), fetched(*garbage(0, 5)))
    with pytest.raises(TooManyLetters):
        await world.watcher().apply(world.take_over(), fetched(*garbage(5, 1)))


async def test_bad_records_among_many_good_ones_never_stop_it() -> None:
    world = World(limit=LetterLimit(letters=5, share=0.1, records=20))
    mine, watcher = world.take_over(), world.watcher()
    for first in range(0, 600, 20):
        await watcher.apply(mine, fetched(*garbage(first, 1), *good(first + 1, 19)))
    assert (len(world.letters), world.watermark) == (30, 599)


async def test_a_marker_without_a_record_moves_the_watermark() -> None:
    world = World()
    mine, watcher = world.take_over(), world.watcher()
    await watcher.apply(mine, Fetched(3, 0, 2, [withdrew(0, "1")]))
    await watcher.apply(mine, fetched(withdrew(3, "600000")))
    assert (told(world), world.watermark) == ([("alert.raised", 1)], 3)
