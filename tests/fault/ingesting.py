"""What the rows about ingest stand on: stores, one ingest, a counter that pushes, a drop folder."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from shared.contracts.event import BATCH_CONTENT_TYPE
from tests.fault.crew import Crew
from tests.kit.eventually import eventually
from tests.kit.ingest_log import Log

QUIET_S = 0.3  # a file must rest so long


@dataclass
class Site:
    """A running ingest and who feeds it."""

    chain: Chain
    program: Program
    crew: Crew
    client: httpx.AsyncClient
    letters: list[Any] = field(default_factory=list)

    async def post(self, body: bytes) -> httpx.Response | None:
        """Post a body; None when nobody is there, or it ended meanwhile."""
        with contextlib.suppress(httpx.TransportError):
            return await self.client.post("/v1/events", content=body)
        return None

    async def accepted(self, event: Mapping[str, Any]) -> bool:
        answer = await self.post(json.dumps([event]).encode())
        return answer is not None and answer.status_code == httpx.codes.ACCEPTED

    def drop(self, name: str, data: bytes) -> None:
        """Put a file into the folder, whole."""
        self.chain.drop.mkdir(parents=True, exist_ok=True)
        waiting = self.chain.drop / f".{name}"
        waiting.write_bytes(data)
        waiting.replace(self.chain.drop / name)

    def kept(self, where: str) -> list[str]:
        """Return the names in ``done`` or ``refused``, as they were dropped."""
        names = (path.name for path in (self.chain.drop / where).iterdir())
        return sorted(n.rsplit(".", 1)[0] for n in names if not n.endswith(".reason.txt"))

    async def drained(self, within: float = 120) -> None:
        """Wait until no file waits and everything is in Kafka."""

        async def ask() -> bool:
            with contextlib.suppress(httpx.TransportError):
                text = (await self.client.get("/metrics")).text
                return "\ningest_unpublished_records 0.0\n" in text
            return False

        await eventually(ask, within=within, every=0.2)

    async def log(self) -> Log:
        return await Log.read(self.chain.stores.kafka, "demo")


@asynccontextmanager
async def ingesting(folder: Path) -> AsyncIterator[Site]:
    """Start stores and ingest, look after it, and stop everything at the end."""
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        extra = {"INGEST_BROKER": "demo", "INGEST_FILE_REST_SECONDS": f"{QUIET_S}"}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True, extra=extra)
        chain.migrate()
        program = chain.program("ingest")
        crew = Crew([program])
        key = {"Authorization": f"Bearer {stores.secrets.push_key}"}
        headers = {**key, "Content-Type": BATCH_CONTENT_TYPE}
        async with httpx.AsyncClient(
            base_url=chain.url("ingest"), headers=headers, timeout=30
        ) as client:
            try:
                crew.start()
                await asyncio.to_thread(program.wait_ready)
                tending = asyncio.create_task(crew.tend())
                yield Site(chain, program, crew, client)
                tending.cancel()
            finally:
                crew.stop()


def judged(log: Log, wanted: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Compare what a subscriber sees of each subject with what it must see, in order."""
    seen = log.ids(log.records)
    lost = phantom = twice = disorder = 0
    for subject in {*wanted, *seen}:
        want, got = list(wanted.get(subject, ())), seen.get(subject, [])
        expected, arrived = set(want), set(got)
        lost += sum((Counter(want) - Counter(got)).values())
        extra = Counter(got) - Counter(want)
        phantom += sum(count for id_, count in extra.items() if id_ not in expected)
        twice += sum(count for id_, count in extra.items() if id_ in expected)
        common = [id_ for id_ in dict.fromkeys(got) if id_ in expected]
        disorder += common != [id_ for id_ in want if id_ in arrived]
    delivered = sum(map(len, seen.values()))
    try:
        repeated, changed = log.repeats(), 0
    except AssertionError:
        repeated, changed = 0, 1
    return {
        "expected": sum(map(len, wanted.values())),
        "delivered": delivered,
        "lost": lost,
        "phantom": phantom,
        "told_twice": twice,
        "inversions": disorder,
        "log_changed": changed,
        "log_repeated_same_bytes": repeated,
    }
