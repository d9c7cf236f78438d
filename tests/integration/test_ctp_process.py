"""The real process listens to the simulated front: killed, it loses and repeats nothing."""

import asyncio
import base64
import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from deploy.embedded.stack import Stores
from deploy.synthetic.ctp.feed import CounterFeed
from deploy.synthetic.ctp.front import Front
from deploy.synthetic.ctp.journal import Journal
from deploy.synthetic.patience import Patience
from services.ingest.adapters.books import books_of
from services.ingest.domain.ctp.sequence import Progress
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit.eventually import eventually
from tests.kit.ingest import withdrew
from tests.kit.ingest_log import Log

PASSWORD = "front-password"
ACCOUNTS = [f"8000000{n}" for n in range(5)]
WITHIN = 120.0


class Ingest:
    """``python -m services.ingest`` beside a front."""

    def __init__(self, stores: Stores, dsn: str, folder: Path, ports: tuple[int, int]) -> None:
        self.broker = f"counter{ports[0]}"
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.output = folder / "output.jsonl"
        (folder / "drop").mkdir()
        key = base64.b64encode(bytes(32)).decode()
        self.environment = os.environ | {
            "INGEST_KAFKA__BROKERS": stores.kafka,
            "INGEST_POSTGRES__DSN": dsn,
            "INGEST_HTTP__PORT": str(ports[0]),
            "INGEST_BROKER": self.broker,
            "INGEST_DROP_FOLDER": str(folder / "drop"),
            "INGEST_CLOCK": "source",
            "INGEST_FIELD_KEYS": json.dumps({"k1": key}),
            "INGEST_PUSH_KEY": "push",
            "INGEST_CTP__FRONT": f"tcp://127.0.0.1:{ports[1]}",
            "INGEST_CTP__BROKER_ID": "9999",
            "INGEST_CTP__USER_ID": "risk",
            "INGEST_CTP__PASSWORD": PASSWORD,
            "INGEST_CTP__LIBRARY": "deploy.synthetic.ctp.binding",
        }
        self.running: asyncio.subprocess.Process | None = None

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        with self.output.open("ab") as output:
            self.running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "services.ingest", *arguments),
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        return self.running

    async def kill(self) -> None:
        assert self.running is not None
        with contextlib.suppress(ProcessLookupError):
            self.running.send_signal(signal.SIGKILL)
        await self.running.wait()

    async def metric(self, name: str) -> float | None:
        async with httpx.AsyncClient() as client:
            with contextlib.suppress(httpx.TransportError):
                text = (await client.get(f"{self.url}/metrics", timeout=10)).text
                found = [line.split()[-1] for line in text.splitlines() if line.startswith(name)]
                return float(found[0]) if found else None
        return None


@pytest.fixture
async def ingest(
    stores: Stores, fresh_database: Callable[..., str], tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[tuple[Ingest, Front]]:
    front = Front(0, PASSWORD, Journal(tmp_path / "counter"))
    front.open("20260601")
    front.start()
    process = Ingest(stores, fresh_database("ingest"), tmp_path, (unused_tcp_port, front.port))
    yield process, front
    front.stop()
    await process.kill()


def out(process: Ingest, account: str, number: int) -> dict[str, Any]:
    return withdrew(f"{number}", f"s-{account}-{number}", account=account, broker=process.broker)


async def test_a_killed_listener_loses_and_repeats_nothing(ingest: tuple[Ingest, Front]) -> None:
    process, front = ingest
    numbers = range(1, 25)
    events = [out(process, account, n) for n in numbers for account in ACCOUNTS]
    with httpx.Client(trust_env=False) as client:
        feed = CounterFeed(process.url, SecretStr("push"), client, Patience(WITHIN), front=front)
        await process.start()
        telling = asyncio.create_task(asyncio.to_thread(_tell, feed, events))
        for share in (30, 80):
            await eventually(functools.partial(_taken, process, share), within=WITHIN)
            await process.kill()
            front.drop_clients()
            await process.start()
        await asyncio.wait_for(telling, WITHIN)
    assert feed.accepted == len(events)

    async def published() -> bool:
        return await process.metric("ingest_unpublished_records") == 0

    await eventually(published, within=WITHIN)
    log = await Log.read(process.environment["INGEST_KAFKA__BROKERS"], process.broker)
    for account in ACCOUNTS:
        seen = log.seen(f"{process.broker}:{account}")
        assert [event["data"]["amount"] for event in seen] == [f"{n}" for n in numbers]
    log.repeats()
    assert await process.metric("ingest_ctp_connected") == 1


def _tell(feed: CounterFeed, events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 4):
        feed.post(events[start : start + 4])
        if not start % 20:
            feed.post(events[start : start + 1])  # the same again: the same record


async def _taken(process: Ingest, some: int) -> bool:
    found = await process.metric('ingest_ctp_sequence{day="2026-06-01",stream="deposit"}')
    return found is not None and found >= some


async def test_how_far_a_stream_was_taken_is_one_with_its_transaction(
    fresh_database: Callable[..., str],
) -> None:
    postgres = PostgresSettings(dsn=SecretStr(fresh_database("ingest")))
    connected = engine(postgres, "ingest", 1)
    open_books, day = books_of(connected), date(2026, 6, 1)
    for progress in (Progress(1, 5), Progress(1, 9, ((6, 7),))):
        async with open_books() as books:
            await books.places.write("ctp-risk:deposit", day, progress)
        async with open_books() as books:
            assert await books.places.of("ctp-risk:deposit", day) == progress
            assert await books.places.of("ctp-risk:trade", day) == Progress()
    with contextlib.suppress(ZeroDivisionError):
        async with open_books() as books:
            await books.places.write("ctp-risk:deposit", day, Progress(1, 99))
            raise ZeroDivisionError
    async with open_books() as books:
        assert (await books.places.of("ctp-risk:deposit", day)).last == 9
    await connected.dispose()
