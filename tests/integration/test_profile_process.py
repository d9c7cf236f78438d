"""profile as a process over the real Kafka and PostgreSQL: killed, doubled, fuzzed."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr
from schemathesis.checks import CHECKS
from sqlalchemy import text

from shared.contracts.topics import ACCOUNT
from shared.db.session import engine
from shared.settings import PostgresSettings
from shared.streams.publish import Record
from tests.kit.eventually import eventually
from tests.kit.profile import client, history, relation, told
from tests.kit.profile_process import Stage
from tests.kit.topic import read_all, send

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
SAID = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


async def test_killed_in_the_midst_it_has_every_row_once(profile: Stage) -> None:
    """Killed twice while a past arrives; the same past told again, shuffled into new partitions."""
    past = history(7, count=400)
    for part in (past[:200], past[200:]):
        await profile.tell(*part)
        profile.program.kill()
        profile.program.start()
        await asyncio.to_thread(profile.program.wait_ready)
    await eventually(profile.caught_up, within=60)
    rows = await profile.digests()
    assert sum(not count.startswith("0:") for count in rows.values()) > 20
    await profile.tell(*past[100:300])
    await eventually(profile.caught_up, within=60)
    assert await profile.digests() == rows


async def test_rebuilt_from_the_topics_the_rows_are_the_same(profile: Stage) -> None:
    """While it runs; a row that somebody changed by hand is as it was again, and news go in."""
    await profile.tell(*history(11, count=150))
    await eventually(profile.caught_up, within=60)
    rows = await profile.digests()
    assert profile.command("rebuild").endswith("没有 none")
    assert await profile.digests() == rows
    database = engine(PostgresSettings(dsn=SecretStr(profile.chain.dsn or "")), "profile")
    async with database.begin() as connection:
        await connection.execute(text("UPDATE account_days SET equity = equity + 1"))
    async with database.connect() as connection:
        indexes = text("SELECT indexname FROM pg_indexes WHERE schemaname = 'profile'")
        names = {row.indexname for row in await connection.execute(indexes)}
    await database.dispose()
    assert {"flows_moment", "clients_pkey", "close_outs_key", "relations_account"} <= names
    assert profile.command("rebuild").endswith("account_days")
    await eventually(profile.caught_up, within=60)
    assert await profile.digests() == rows
    await profile.tell(told("funds.deposited", 5001, serial="after", trading_day="2026-08-03"))
    await eventually(profile.caught_up, within=60)
    assert (await profile.digests())["flows"] != rows["flows"]


async def test_a_record_that_cannot_be_read_stops_nobody(profile: Stage) -> None:
    bad = Record(ACCOUNT.name, b"demo:80019999", b'{"type": "nothing"}')
    await send(profile.chain.stores.kafka, [bad])
    name = "c-behind"
    key = profile.command("keys", "new", "test")
    await profile.tell(client(name, relations=[relation("80019999", "m1")]))
    began = time.monotonic()

    async def visible() -> bool:
        answer = await profile.http.get(f"/v1/clients/{name}", headers=bearer(key))
        return answer.status_code == 200

    await eventually(visible, within=20)
    assert time.monotonic() - began < 2
    letters = await read_all(profile.chain.stores.kafka, ACCOUNT.dead_letters.name)
    assert [dict(r.headers)["origin-topic"] for r in letters] == [ACCOUNT.name.encode()]


async def test_two_workers_share_and_one_takes_over(profile: Stage) -> None:
    ports = replace(profile.chain.ports, profile=profile.chain.ports.counter)
    extra = {"PROFILE_INSTANCE_ID": "profile-2"}
    second = replace(profile.chain, ports=ports, extra=extra).program("profile")
    second.start()
    try:
        await asyncio.to_thread(second.wait_ready)
        await profile.tell(told("day.closed", 9900, trading_day="2026-06-01"))
        await eventually(profile.caught_up, within=60)
        asked = ("visits", "generate", "--day", "2026-06-01")
        made = [await asyncio.to_thread(profile.command, *asked) for _ in range(2)]
        assert made[0].startswith("✓ HF20260601-"), "one of the two did it"
        assert made[0] == made[1]
        await profile.tell(*[told("funds.deposited", n, serial=f"w{n}") for n in range(9000, 9100)])
        second.kill()

        async def all_in() -> bool:
            return int((await profile.digests())["flows"].partition(":")[0]) >= 100

        await eventually(all_in, within=60)
    finally:
        second.terminate()


async def test_whatever_is_asked_the_answer_is_one_that_was_described(profile: Stage) -> None:
    key = profile.command("keys", "new", "fuzz")
    await asyncio.to_thread(_fuzz, profile.chain.url("profile"), key)
    assert "✓" in profile.command("audit", "verify")
    assert "✓" in profile.command("keys", "revoke", profile.command("keys", "list").split()[0])


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


async def test_too_much_that_cannot_be_read_stops_it_with_a_code_of_its_own(profile: Stage) -> None:
    bad = [Record(ACCOUNT.name, f"demo:{n}".encode(), b"{}") for n in range(500)]
    await send(profile.chain.stores.kafka, bad)

    async def stopped() -> bool:
        return not profile.program.running

    await eventually(stopped, within=60)
    assert profile.program.exit_code == 65
    assert "stopped itself" in profile.program.last_words()
