"""``python -m services.ingest`` over the real stores, started, killed and asked by a test."""

import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.stack import Stores
from tests.kit.ingest import file
from tests.kit.ingest_log import Log

BATCH = "application/cloudevents-batch+json"


class IngestProcess:
    """``python -m services.ingest`` with an environment of its own."""

    def __init__(self, stores: Stores, dsn: str, folder: Path, port: int) -> None:
        self.broker = f"process{port}"
        self.folder, self.kafka, self.port = folder, stores.kafka, port
        self.url = f"http://127.0.0.1:{port}"
        keys = {"k1": base64.b64encode(bytes(32)).decode()}
        self.environment = os.environ | {
            "INGEST_KAFKA__BROKERS": stores.kafka,
            "INGEST_POSTGRES__DSN": dsn,
            "INGEST_HTTP__PORT": str(port),
            "INGEST_HTTP__HOST": "127.0.0.1",
            "INGEST_BROKER": self.broker,
            "INGEST_DROP_FOLDER": str(folder),
            "INGEST_CLOCK": "source",
            "INGEST_FIELD_KEYS": json.dumps(keys),
            "INGEST_PUSH_KEY": "push",
            "INGEST_FILE_REST_SECONDS": "0.2",
            "INGEST_SWEEP_SECONDS": "0.05",
        }
        self.running: asyncio.subprocess.Process | None = None
        self.output = folder.parent / "output.jsonl"
        self.client = httpx.AsyncClient(base_url=self.url, timeout=30)

    async def command(self, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
        with self.output.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.ingest",
                *arguments,
                env=self.environment | settings,
                stdout=output,
                stderr=output,
            )

    async def start(self, **settings: str) -> None:
        self.running = await self.command(**settings)

    async def ready(self, port: int | None = None) -> bool:
        """Say whether this process, or another of its replicas by its port, is ready."""
        url = f"http://127.0.0.1:{port or self.port}/readyz"
        with contextlib.suppress(httpx.TransportError):
            return (await self.client.get(url)).status_code == 200
        return False

    async def end(self, number: signal.Signals) -> int:
        assert self.running is not None
        if self.running.returncode is None:
            self.running.send_signal(number)
        return await asyncio.wait_for(self.running.wait(), 30)

    async def post(self, *events: dict[str, Any]) -> httpx.Response | None:
        """Post a batch; None when the process is not there."""
        headers = {"Authorization": "Bearer push", "Content-Type": BATCH}
        with contextlib.suppress(httpx.TransportError):
            return await self.client.post("/v1/events", content=json.dumps(events), headers=headers)
        return None

    async def accepted(self, event: dict[str, Any]) -> bool:
        answer = await self.post(event)
        return answer is not None and answer.status_code == 202

    async def unpublished(self) -> float:
        text = (await self.client.get("/metrics")).text
        found = re.search(r"^ingest_unpublished_records (\S+)$", text, re.M)
        assert found
        return float(found[1])

    async def drained(self) -> bool:
        return await self.unpublished() == 0

    def drop(self, name: str, *lines: str) -> None:
        waiting = self.folder / f".{name}"
        waiting.write_bytes(file(*lines))
        waiting.replace(self.folder / name)

    async def log(self) -> Log:
        return await Log.read(self.kafka, self.broker)


@pytest.fixture
async def process(
    stores: Stores, fresh_database: Callable[..., str], tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[IngestProcess]:
    """A migrated ingest that is not yet started, with a database and a broker of its own."""
    folder = tmp_path / "drop"
    folder.mkdir()
    made = IngestProcess(stores, fresh_database("ingest"), folder, unused_tcp_port)
    yield made
    await made.client.aclose()
    if made.running and made.running.returncode is None:
        made.running.kill()
        await made.running.wait()
