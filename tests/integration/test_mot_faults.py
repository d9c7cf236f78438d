"""mot as a process whose stores are not as it left them, or that is wedged, killed, fed rubbish.

One stack for all; each test begins with a state that stands at the end of the log.
"""

import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import redis
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.mot.agent import LetterLimit
from services.mot.app import BAD_INPUT, FAIL_STOP
from shared.contracts.topics import ACCOUNT, ALERT, PARTITIONS
from shared.streams.publish import Record, partition_of
from tests.integration.test_mot import withdrew
from tests.kit.eventually import eventually
from tests.kit.topic import read_all, send

pytestmark = pytest.mark.integration
KEY = b"demo:80000001"
MINE = partition_of(KEY, PARTITIONS)
META, ACCOUNTS = f"mot:{{{MINE}}}:meta", f"mot:{{{MINE}}}:accounts"
SESSION = 6.0  # seconds, the least that Kafka grants


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with Stores(tmp_path_factory.mktemp("stores"), Ports.free()) as running:
        yield running


@pytest.fixture
async def valkey(stack: Stores) -> AsyncIterator[redis.Redis]:
    """Valkey as if every partition had been watched up to the end of its log."""
    client = redis.from_url(stack.valkey_url)
    client.flushall()
    for number, end in (await ends(stack.kafka)).items():
        client.hset(f"mot:{{{number}}}:meta", "offset", str(end - 1))
    yield client
    client.close()


@pytest.fixture
def worker(stack: Stores, tmp_path: Path) -> Iterator[Any]:
    """Make mot workers with variables of their own; all are stopped at the end."""
    started: list[Program] = []

    def make(**extra: str) -> Program:
        told = {"MOT_SESSION_TIMEOUT": str(SESSION), "MOT_INSTANCE_ID": "mot-faults", **extra}
        folder = tmp_path / f"chain{len(started)}"
        chain = Chain(stack, Ports.free(), folder, simulated=True, extra=told)
        started.append(chain.program("mot"))
        return started[-1]

    yield make
    for program in started:
        program.terminate()


async def ends(brokers: str) -> dict[int, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    try:
        found = await consumer.end_offsets(
            [TopicPartition(ACCOUNT.name, number) for number in range(PARTITIONS)]
        )
        return {tp.partition: end for tp, end in found.items()}
    finally:
        await consumer.stop()


async def until_watched(brokers: str, client: redis.Redis) -> None:
    """Wait until the watermark stands at the end of every log."""
    wanted = {number: end - 1 for number, end in (await ends(brokers)).items()}

    async def ask() -> bool:
        offsets = {n: client.hget(f"mot:{{{n}}}:meta", "offset") for n in wanted}
        return {n: int(offset or -1) for n, offset in offsets.items()} == wanted

    await eventually(ask, within=60)


async def ended(program: Program) -> tuple[int | None, str]:
    """Wait until it has ended by itself; return its exit code and what it said last."""

    async def ask() -> bool:
        return not program.running

    await eventually(ask, within=60)
    return program.exit_code, program.recipe.log.read_text(encoding="utf-8")


def metric(program: Program, name: str) -> float:
    port = program.recipe.env["MOT_HTTP__PORT"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def taken_from(client: redis.Redis) -> list[bytes]:
    return [client.dump(key) for key in (META, ACCOUNTS)]  # type: ignore[misc]


def put_back(client: redis.Redis, dumps: list[bytes]) -> None:
    for key, dump in zip((META, ACCOUNTS), dumps, strict=True):
        client.restore(key, 0, dump, replace=True)


async def test_a_valkey_that_lost_its_last_second_says_the_same_things_again(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    mot = worker()
    mot.start()
    mot.wait_ready()
    await send(stack.kafka, [withdrew(1, "1")])
    await until_watched(stack.kafka, valkey)
    lost = taken_from(valkey)
    await send(stack.kafka, [withdrew(2, "600000")])
    await until_watched(stack.kafka, valkey)
    mot.terminate()  # the commit knows what Valkey is about to lose
    put_back(valkey, lost)
    mot.start()
    mot.wait_ready()
    await until_watched(stack.kafka, valkey)
    assert metric(mot, "mot_rollbacks_total") == 1
    told = [record.value for record in await read_all(stack.kafka, ALERT.name)]
    assert len(told) == 2
    assert told[0] == told[1]


async def test_a_worker_asked_to_stop_in_the_middle_finishes_what_is_at_work(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    mot = worker()
    mot.start()
    mot.wait_ready()
    await send(stack.kafka, [withdrew(n, "1", f"{n:08d}") for n in range(100, 6_100)])
    mot.terminate()
    assert mot.exit_code == 0
    mot.start()
    await until_watched(stack.kafka, valkey)


async def test_a_start_that_would_skip_or_drop_something_is_refused_with_its_remedy(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    mot = worker()
    await send(stack.kafka, [withdrew(11, "1"), withdrew(12, "1")])
    end = (await ends(stack.kafka))[MINE]
    good: Any = valkey.hgetall(META)

    valkey.hset(META, "offset", end + 40)
    mot.start()
    code, said = await ended(mot)
    assert (code, "it was cut or made anew" in said) == (FAIL_STOP, True)

    valkey.hset(META, mapping={**good, b"layout": 99})
    before = valkey.hgetall(META)
    mot.start()
    code, said = await ended(mot)
    assert (code, "layout 99" in said) == (FAIL_STOP, True)
    assert valkey.hgetall(META) == before

    valkey.delete(META)
    valkey.hset(META, mapping=good)
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    tp = TopicPartition(ACCOUNT.name, MINE)
    await admin.delete_records({tp: RecordsToDelete(before_offset=end - 1)})
    await admin.close()
    mot.start()
    code, said = await ended(mot)
    assert (code, "has deleted" in said, "rebuild" in said) == (FAIL_STOP, True, True)


async def test_rubbish_stops_the_worker_until_a_person_lets_it_pass(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    before = len(await read_all(stack.kafka, ACCOUNT.dead_letters.name))
    limit = LetterLimit().letters
    await send(stack.kafka, [Record(ACCOUNT.name, KEY, b"rubbish")] * (limit + 30))
    mot = worker()
    for _ in range(2):  # a restart does not help it
        mot.start()
        code, said = await ended(mot)
        assert (code, "cannot be read" in said) == (BAD_INPUT, True)
    buried = len(await read_all(stack.kafka, ACCOUNT.dead_letters.name)) - before
    assert buried <= limit
    allowed = worker(MOT_DEAD_LETTERS__LETTERS="1000")
    allowed.start()
    await until_watched(stack.kafka, valkey)


async def test_a_consumer_that_stops_fetching_kills_its_process(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    plain = worker(MOT_STALL_SECONDS="8")
    argv = (sys.executable, "-m", "tests.kit.wedged_mot")
    wedged = Program(replace(plain.recipe, argv=argv), stack.state.roster)
    wedged.start()
    wedged.wait_ready()
    await send(stack.kafka, [withdrew(21, "1")])
    await until_watched(stack.kafka, valkey)
    await send(stack.kafka, [withdrew(22, "1")])
    began = monotonic()
    code, said = await ended(wedged)
    assert (code, f"partition {MINE} has not moved" in said) == (FAIL_STOP, True)
    assert monotonic() - began < 20


async def test_a_killed_workers_partitions_are_served_again_soon(
    stack: Stores, valkey: redis.Redis, worker: Any
) -> None:
    pair = [worker(MOT_INSTANCE_ID=name) for name in ("mot-a", "mot-b")]
    for mot in pair:
        mot.start()
    for mot in pair:
        mot.wait_ready()

    async def shared() -> bool:
        return [metric(mot, "mot_partitions_owned") for mot in pair] == [PARTITIONS / 2] * 2

    await eventually(shared, within=60)
    pair[0].kill()
    began = monotonic()
    await send(
        stack.kafka, [Record(ACCOUNT.name, b"any", b"rubbish", p) for p in range(PARTITIONS)]
    )
    await until_watched(stack.kafka, valkey)
    took = monotonic() - began
    print(f"served again after {took:.1f} s, session timeout {SESSION:.0f} s")  # noqa: T201
    assert took < 2 * SESSION
