"""profile as a process over the real Kafka and PostgreSQL: killed, doubled, fuzzed."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr
from schemathesis.checks import CHECKS
from sqlalchemy import text

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.profile.adapters.digest import digest
from shared.contracts.topics import ACCOUNT, Topic
from shared.db.session import engine
from shared.settings import PostgresSettings
from shared.streams.publish import Record
from tests.kit.eventually import eventually
from tests.kit.profile import client, history, relation, told
from tests.kit.topic import read_all, send

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
SAID = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
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
def chain(own: Stores, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    dsn = own.create_database("profile_process")
    made = Chain(own, Ports.free(), tmp_path_factory.mktemp("chain"), simulated=True, dsn=dsn)
    made.migrate()
    return made


@pytest.fixture
async def stage(chain: Chain) -> AsyncIterator[Stage]:
    program = chain.program("profile")
    program.start()
    try:
        await asyncio.to_thread(program.wait_ready)
        async with httpx.AsyncClient(base_url=chain.url("profile"), timeout=30) as http:
            yield Stage(chain, program, http)
    finally:
        program.terminate()


async def test_killed_in_the_midst_it_has_every_row_once(stage: Stage) -> None:
    """Killed twice while a past arrives; the same past told again, shuffled into new partitions."""
    past = history(7, count=400)
    for part in (past[:200], past[200:]):
        await stage.tell(*part)
        stage.program.kill()
        stage.program.start()
        await asyncio.to_thread(stage.program.wait_ready)
    await eventually(stage.caught_up, within=60)
    rows = await stage.digests()
    assert sum(not count.startswith("0:") for count in rows.values()) > 20
    await stage.tell(*past[100:300])
    await eventually(stage.caught_up, within=60)
    assert await stage.digests() == rows


async def test_rebuilt_from_the_topics_the_rows_are_the_same(stage: Stage) -> None:
    """While it runs; a row that somebody changed by hand is as it was again, and news go in."""
    await stage.tell(*history(11, count=150))
    await eventually(stage.caught_up, within=60)
    rows = await stage.digests()
    assert stage.command("rebuild").endswith("没有 none")
    assert await stage.digests() == rows
    database = engine(PostgresSettings(dsn=SecretStr(stage.chain.dsn or "")), "profile")
    async with database.begin() as connection:
        await connection.execute(text("UPDATE account_days SET equity = equity + 1"))
    async with database.connect() as connection:
        indexes = text("SELECT indexname FROM pg_indexes WHERE schemaname = 'profile'")
        names = {row.indexname for row in await connection.execute(indexes)}
    await database.dispose()
    assert {"flows_moment", "clients_pkey", "close_outs_key", "relations_account"} <= names
    assert stage.command("rebuild").endswith("account_days")
    await eventually(stage.caught_up, within=60)
    assert await stage.digests() == rows
    await stage.tell(told("funds.deposited", 5001, serial="after", trading_day="2026-08-03"))
    await eventually(stage.caught_up, within=60)
    assert (await stage.digests())["flows"] != rows["flows"]


async def test_a_record_that_cannot_be_read_stops_nobody(stage: Stage) -> None:
    bad = Record(ACCOUNT.name, b"demo:80019999", b'{"type": "nothing"}')
    await send(stage.chain.stores.kafka, [bad])
    name = "c-behind"
    key = stage.command("keys", "new", "test")
    await stage.tell(client(name, relations=[relation("80019999", "m1")]))
    began = time.monotonic()

    async def visible() -> bool:
        answer = await stage.http.get(f"/v1/clients/{name}", headers=bearer(key))
        return answer.status_code == 200

    await eventually(visible, within=20)
    assert time.monotonic() - began < 2
    letters = await read_all(stage.chain.stores.kafka, ACCOUNT.dead_letters.name)
    assert [dict(r.headers)["origin-topic"] for r in letters] == [ACCOUNT.name.encode()]


async def test_two_workers_share_and_one_takes_over(stage: Stage) -> None:
    ports = replace(stage.chain.ports, profile=stage.chain.ports.counter)
    extra = {"PROFILE_INSTANCE_ID": "profile-2"}
    second = replace(stage.chain, ports=ports, extra=extra).program("profile")
    second.start()
    try:
        await asyncio.to_thread(second.wait_ready)
        await stage.tell(*[told("funds.deposited", n, serial=f"w{n}") for n in range(9000, 9100)])
        second.kill()

        async def all_in() -> bool:
            return int((await stage.digests())["flows"].partition(":")[0]) >= 100

        await eventually(all_in, within=60)
    finally:
        second.terminate()


async def test_whatever_is_asked_the_answer_is_one_that_was_described(stage: Stage) -> None:
    key = stage.command("keys", "new", "fuzz")
    await asyncio.to_thread(_fuzz, stage.chain.url("profile"), key)
    assert "✓" in stage.command("audit", "verify")
    assert "✓" in stage.command("keys", "revoke", stage.command("keys", "list").split()[0])


def _fuzz(url: str, key: str) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    said: Any = CHECKS.get_by_names(list(SAID))
    for result in schema.get_all_operations():
        outcome: Any = result
        operation = outcome.ok()
        strategy = operation.as_strategy()

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=strategy)
        def ask(case: schemathesis.Case[Any]) -> None:
            answer = case.call(headers=bearer(key))
            if answer.status_code != 405:  # a verb that no description names
                case.validate_response(answer, checks=said)

        ask()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
