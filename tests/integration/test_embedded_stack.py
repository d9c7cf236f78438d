"""The stores under a launcher that is killed, restarted and started twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from redis.asyncio import Redis

from deploy.embedded.ports import Ports
from deploy.embedded.refusal import Refusal
from deploy.embedded.stack import Stores
from deploy.embedded.waiting import until

TOPIC = "futures.account.v1"
pytestmark = pytest.mark.integration


async def connect(stores: Stores) -> asyncpg.Connection:
    return await asyncpg.connect(stores.postgres_dsn.replace("+asyncpg", ""), ssl=False)


async def write(stores: Stores, text: str) -> None:
    connection = await connect(stores)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", text)
    await connection.close()
    async with AIOKafkaProducer(bootstrap_servers=stores.kafka, acks="all") as producer:
        await producer.send_and_wait(TOPIC, text.encode(), partition=3)
    async with Redis.from_url(stores.valkey_url) as valkey:
        await valkey.rpush("kept", text)
        await valkey.waitaof(1, 0, 5000)


async def read(stores: Stores) -> tuple[list[str], list[str], list[str]]:
    """Return what the three stores keep."""
    connection = await connect(stores)
    rows = [row["text"] for row in await connection.fetch("SELECT text FROM kept")]
    await connection.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=stores.kafka, auto_offset_reset="earliest")
    async with consumer:
        partition = TopicPartition(TOPIC, 3)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        records = [(await consumer.getone()).value.decode() for _ in range(end)]
    async with Redis.from_url(stores.valkey_url, decode_responses=True) as valkey:
        keys = [str(value) for value in await valkey.lrange("kept", 0, -1)]
    return rows, records, keys


async def test_every_store_keeps_what_it_acknowledged_when_killed(own_stores: Stores) -> None:
    await write(own_stores, "before")
    for server in (own_stores.kafka_server, own_stores.postgres_server, own_stores.valkey_server):
        server.kill()
        assert not server.running
        server.start()
        await asyncio.to_thread(server.wait_ready)
    await write(own_stores, "after")
    assert await read(own_stores) == (["before", "after"],) * 3


class Launcher:
    """``python -m deploy.embedded stores`` as a person starts it."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.ports, self.log = ports, folder.with_suffix(".launcher")
        base = str(ports.ingest - 1)
        argv = ["-m", "deploy.embedded", "stores", "--state", str(folder), "--port-base", base]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *argv], stdout=out, stderr=subprocess.STDOUT, stdin=-3
            )

    def ready(self) -> bool:
        return b"Ctrl-C" in self.log.read_bytes()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A state folder; whatever a test leaves running in it is ended."""
    yield tmp_path / "state"
    with_nothing_left(tmp_path / "state")


def with_nothing_left(folder: Path) -> None:
    if folder.exists():
        stores = Stores(folder, Ports.free())
        assert until(lambda: _opens(stores), 10)
        stores.state.close()


def _opens(stores: Stores) -> bool:
    try:
        stores.state.open()
    except Refusal:
        return False
    return True


def test_a_killed_launcher_leaves_nothing_that_the_next_start_minds(place: Path) -> None:
    ports = Ports.free()
    first = Launcher(place, ports)
    assert until(first.ready, 60), first.log.read_text()
    first.process.kill()
    first.process.wait()

    with Stores(place, ports) as again:
        assert set(again.state.leftovers) == {"kafka", "postgres", "valkey"}
        asyncio.run(write(again, "alive"))


def test_ctrl_c_stops_everything(place: Path) -> None:
    ports = Ports.free()
    launcher = Launcher(place, ports)
    assert until(launcher.ready, 60), launcher.log.read_text()
    os.kill(launcher.process.pid, signal.SIGINT)
    assert launcher.process.wait(40) == 0
    ports.refuse_busy()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores that nobody harms."""
    with Stores(tmp_path_factory.mktemp("running") / "state", Ports.free()) as stores:
        yield stores


def test_a_second_start_on_the_same_folder_is_refused_in_one_line(running: Stores) -> None:
    folder = running.state.path
    second = Launcher(folder, Ports.free())
    assert second.process.wait(60) != 0
    said = second.log.read_text().strip()
    assert "\n" not in said
    assert str(folder) in said


def test_a_busy_port_is_named_before_anything_starts(running: Stores, place: Path) -> None:
    with pytest.raises(Refusal, match=str(running.ports.kafka)):
        Stores(place, running.ports).__enter__()
    assert not (place / "kafka").exists()
