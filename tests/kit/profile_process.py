"""profile as a process over stores of its own, and what a test asks of it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.profile.adapters.digest import digest
from shared.contracts.topics import Topic
from shared.db.session import engine
from shared.settings import PostgresSettings
from shared.streams.publish import Record
from tests.kit.topic import send


@pytest.fixture(scope="module")
def profile_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores of this file's own: it reads whole topics and kills things."""
    with Stores(tmp_path_factory.mktemp("profile"), Ports.free()) as running:
        yield running


@dataclass
class Stage:
    """profile, and what a test asks of it."""

    chain: Chain
    program: Program
    http: httpx.AsyncClient

    async def tell(self, *events: tuple[Topic, dict[str, Any]]) -> None:
        """Publish events, each under its key."""
        await send(
            self.chain.stores.kafka,
            [
                Record(t.name, e["subject"].encode(), json.dumps(e, ensure_ascii=False).encode())
                for t, e in events
            ],
        )

    async def caught_up(self) -> bool:
        try:
            said = (await self.http.get("/metrics")).text
        except httpx.TransportError:
            return False
        return "\nprofile_lag_records 0.0\n" in said

    async def digests(self) -> dict[str, str]:
        database = engine(PostgresSettings(dsn=SecretStr(self.chain.dsn or "")), "profile")
        async with database.connect() as connection:
            found = await digest(connection)
        await database.dispose()
        return found

    def command(self, *words: str) -> str:
        """Return what ``guanchao profile`` says."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.cli", "profile", *words],
            env=self.program.recipe.env,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def profile_chain(profile_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    dsn = profile_stores.create_database("profile_process")
    made = Chain(
        profile_stores, Ports.free(), tmp_path_factory.mktemp("chain"), simulated=True, dsn=dsn
    )
    made.migrate()
    return made


@pytest.fixture
async def profile(profile_chain: Chain) -> AsyncIterator[Stage]:
    program = profile_chain.program("profile")
    program.start()
    try:
        await asyncio.to_thread(program.wait_ready)
        async with httpx.AsyncClient(base_url=profile_chain.url("profile"), timeout=30) as http:
            yield Stage(profile_chain, program, http)
    finally:
        program.terminate()
