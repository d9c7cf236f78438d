"""Rules, replay and rebuild over the real Kafka and Valkey: one life of a worker, in order."""

import asyncio
import http.client
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.mot.commands.publishing import known_rules
from services.mot.commands.replaying import from_log, from_passport, revisions
from services.mot.domain.passport import event_text
from services.mot.rulebook import Rulebook
from services.mot.rules import read_rules
from shared.contracts.topics import ACCOUNT, ALERT, PARTITIONS, RULE
from shared.settings import KafkaSettings
from shared.streams.publish import Record, partition_of
from tests.kit import mot_field
from tests.kit.events import moment, ticked
from tests.kit.eventually import eventually
from tests.kit.mot_field import DAYS, Field, season
from tests.kit.topic import read_all, send

pytestmark = pytest.mark.integration
Log = Sequence[mot_field.Record]
FILE = 'large_withdrawal: {limit: "700000", floor: "700000"}\n'


@pytest.fixture
def chain(own_stores: Stores, tmp_path: Path) -> Chain:
    extra = {"MOT_INSTANCE_ID": "mot-test", "MOT_SESSION_TIMEOUT": "6"}
    return Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=True, extra=extra)


@pytest.fixture
def mot(chain: Chain) -> Iterator[Program]:
    program = chain.program("mot")
    program.start()
    program.wait_ready()
    yield program
    program.terminate()


class Expected:
    """The same log through the same shell with lists: what must lie in the alerts' topic."""

    def __init__(self, book: Rulebook) -> None:
        self.fields = [Field(book) for _ in range(PARTITIONS)]
        self.sent = [0] * PARTITIONS

    async def watch(self, log: Log) -> list[Record]:
        """Watch some more of the log; return it as it is to be sent."""
        records = []
        for number, field in enumerate(self.fields):
            mine = [r for r in log if r.key is None or partition_of(r.key, PARTITIONS) == number]
            placed = [r._replace(offset=self.sent[number] + n) for n, r in enumerate(mine)]
            if placed:
                taken = field.take_over()
                taken.number = number
                came = mot_field.fetched(placed)._replace(partition=number)
                await field.watcher().apply(taken, came)
            self.sent[number] += len(placed)
            records += [Record(ACCOUNT.name, r.key, r.value or b"", number) for r in placed]
        return records

    def alerts(self) -> dict[str, bytes]:
        return {id_: raw for field in self.fields for id_, raw in field.said().items()}


async def guanchao(chain: Chain, *arguments: str, told: str = "") -> tuple[int, str, str]:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "deploy.cli", *arguments],
        env={**os.environ, **chain.environment()},
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def done_with(chain: Chain, sent: list[int]) -> None:
    """Return when the watermarks are behind everything that was sent."""
    valkey = redis.from_url(chain.stores.valkey_url)

    async def ask() -> bool:
        found = [valkey.hget(f"mot:{{{p}}}:meta", "offset") for p in range(PARTITIONS)]
        return [int(offset or -1) + 1 for offset in found] == sent

    await eventually(ask, within=60)


async def shows(chain: Chain, line: str) -> None:
    """Return when the worker's metrics have the line."""

    async def ask() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", chain.ports.mot, timeout=2)
        connection.request("GET", "/metrics")
        said = connection.getresponse().read().decode()
        connection.close()
        return line in said

    await eventually(ask, within=20)


async def published(chain: Chain) -> dict[str, set[bytes]]:
    """Return every alert in the topic by its id, with each content it was told with."""
    found: dict[str, set[bytes]] = {}
    for record in await read_all(chain.stores.kafka, ALERT.name):
        assert {"code-version", "processed-at", "traceparent"} <= dict(record.headers).keys()
        found.setdefault(_id(record.value), set()).add(record.value)
    return found


def _id(raw: bytes) -> str:
    return raw.partition(b'"id":"')[2].partition(b'"')[0].decode()


def parts(log: Log) -> list[Log]:
    """Cut a log behind each day's close."""
    cuts = [n + 1 for n, record in enumerate(log) if b'"day.closed"' in (record.value or b"")]
    return [log[start:end] for start, end in zip([0, *cuts], cuts, strict=False)]


async def test_rules_change_live_state_is_rebuilt_and_every_alert_is_derived_again(
    chain: Chain, mot: Program
) -> None:
    """Each step stands on the one before."""
    kafka, book = chain.stores.kafka, Rulebook(read_rules())
    expected, (first, second, third) = Expected(book), parts(season(5, accounts=8, moves=60))
    assert len(DAYS) == 3

    # A day by the file's rules.
    await send(kafka, await expected.watch(first))
    await done_with(chain, expected.sent)

    # Wrong rules are refused with their place, by the command and, on the topic, by the worker; a
    # good one is published, and the worker dies at once.
    await send(kafka, [Record(RULE.name, b"large_withdrawal:2", b"garbage", 0)])
    code, _, said = await guanchao(chain, "mot", "rules", "publish", "-", told="margin_cal: {}")
    assert (code, "no such rule: margin_cal" in said) == (2, True)
    code, said, wrong = await guanchao(chain, "mot", "rules", "publish", "-", told=FILE)
    assert (code, "limit: 5000000 → 700000" in said) == (0, True), said + wrong
    (refused,) = await known_rules(KafkaSettings(brokers=kafka), book)
    assert refused.startswith("mot.rule.v1@0: no rule.published")
    await shows(chain, 'mot_rule_version{rule="large_withdrawal"} 2.0')
    await shows(chain, "mot_rules_refused_total 1.0")
    mot.kill()

    # The next day by the new rules, with a kill in the middle of it. A tick comes first: what waits
    # at a take-over is left to the rules that its partition's checkpoint has recorded.
    mot.start()
    mot.wait_ready()
    tick = event_text(ticked(moment(DAYS[1], "09:00"))).encode()
    await send(kafka, await expected.watch([mot_field.Record(0, None, tick)]))
    await done_with(chain, expected.sent)
    records = await expected.watch(second)
    await send(kafka, records[: len(records) // 2])
    mot.kill()
    await send(kafka, records[len(records) // 2 :])
    mot.start()
    await done_with(chain, expected.sent)

    # In the third day everything in Valkey is lost.
    await send(kafka, await expected.watch(third[:40]))
    await done_with(chain, expected.sent)
    code, _, said = await guanchao(chain, "mot", "rebuild")
    assert (code, "mot" in said) == (2, True), "a rebuild under a live worker"
    mot.terminate()
    valkey = redis.from_url(chain.stores.valkey_url)
    before = {p: valkey.hgetall(f"mot:{{{p}}}:accounts") for p in range(PARTITIONS)}
    valkey.flushall()
    code, said, _ = await guanchao(chain, "mot", "rebuild")
    assert code == 0, said
    assert {p: valkey.hgetall(f"mot:{{{p}}}:accounts") for p in range(PARTITIONS)} == before
    mot.start()
    await send(kafka, await expected.watch(third[40:]))
    await done_with(chain, expected.sent)

    # Nothing lost, nothing invented, nothing told in two ways.
    told = await published(chain)
    wanted = {id_: {raw} for id_, raw in expected.alerts().items()}
    assert told.keys() == wanted.keys()
    assert [id_ for id_ in wanted if told[id_] != wanted[id_]] == []
    versions = {a.data.rule_version for f in expected.fields for a in f.alerts}
    assert versions == {1, 2}

    await _replays(chain, expected, book)
    await _answers(chain, expected)


async def _replays(chain: Chain, expected: Expected, book: Rulebook) -> None:
    """Ten alerts at random, every revision of each, both ways."""
    kafka = KafkaSettings(brokers=chain.stores.kafka)
    ids = sorted({str(a.data.alert_id) for f in expected.fields for a in f.alerts})
    chosen = random.Random(7).sample(ids, 10)  # noqa: S311 a seeded test
    for alert in chosen:
        for revision in await revisions(kafka, alert):
            assert from_passport(revision, book).same
            assert (await from_log(kafka, revision, book)).same
    code, said, _ = await guanchao(chain, "replay", chosen[0][:8], "--from-log")
    assert (code, "identical" in said) == (0, True)
    code, _, said = await guanchao(chain, "replay", "00000000-0000-0000-0000-000000000000")
    assert (code, "no such alert" in said) == (2, True)
    code, _, said = await guanchao(chain, "replay", chosen[0], "--brokers", "127.0.0.1:1")
    assert (code, said.count("\n")) == (2, 1)


async def _answers(chain: Chain, expected: Expected) -> None:
    """A person asks why."""
    key = next(a.subject for f in expected.fields for a in f.alerts)
    code, said, _ = await guanchao(chain, "mot", "why", key, "large_withdrawal")
    assert (code, "v2" in said, "limit=700000" in said) == (0, True, True)
    code, _, said = await guanchao(chain, "mot", "why", "demo:nobody", "large_withdrawal")
    assert (code, "never seen" in said) == (2, True)
    code, said, _ = await guanchao(chain, "mot", "rules", "list")
    assert (code, "limit=700000" in said) == (0, True)
