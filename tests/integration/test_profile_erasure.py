"""A client who asked to be erased: nowhere to be found, kept for twenty years, then deleted."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from services.profile.adapters import erasures
from services.profile.adapters.rebuilding import NEXT, Rebuilding
from shared.contracts.topics import PARTITIONS
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.integration.test_profile_access import LISTS, WHO, Counter, counter
from tests.integration.test_profile_reports import close
from tests.kit.profile import BROKER, NAME, client, relation, told

__all__ = ["counter"]
pytestmark = pytest.mark.integration
PATH = "/v1/clients/c-own/erasure"
WHY = {"reason": "client asks in writing"}
AT = datetime(2026, 6, 2, tzinfo=UTC)


async def ask(counter: Counter, who: str = "risk") -> Any:
    return await counter.ask(PATH, WHO[who](counter), "POST", json=WHY)


async def accounts(counter: Counter, credential: str) -> set[str]:
    found = set()
    for path, rows in LISTS.items():
        answer = (await counter.ask(path, credential)).json()
        found |= {row["account"] for row in answer[rows]}
    found |= set(await counter.search(credential, name=NAME))
    return found


async def test_only_who_is_authorised_may_ask(counter: Counter) -> None:
    for who in sorted(set(WHO) - {"risk", "nobody"}):
        assert (await ask(counter, who)).status_code == 403, who
    for body in ({}, {"reason": "x"}, {"reason": "call 13812345678"}):
        answer = await counter.ask(PATH, counter.token("r1"), "POST", json=body)
        assert answer.status_code == 400
    unknown = "/v1/clients/c-none/erasure"
    answer = await counter.ask(unknown, counter.token("r1"), "POST", json=WHY)
    assert answer.status_code == 404
    assert (await ask(counter)).status_code == 200
    again = await counter.ask(PATH, counter.token("r1"), "POST", json={"reason": "once more"})
    assert again.json()["reason"] == WHY["reason"]


async def test_a_blocked_client_is_nowhere(counter: Counter) -> None:
    manager, risk = counter.token("m1"), counter.token("r1")
    await close(counter, "2026-06-01", partitions=PARTITIONS)
    top = "/v1/reports/top-equity?period=2026-06-01"
    assert len((await counter.ask(top, risk)).json()["rows"]) == 4
    before = await accounts(counter, risk)
    await ask(counter)
    assert await accounts(counter, manager) == set()
    assert await accounts(counter, risk) == before - {"80000001"}
    for credential in (manager, risk):
        assert (await counter.ask("/v1/clients/c-own", credential)).status_code == 404
        path = "/v1/margin/affordable?amount=5000&client=c-own"
        assert (await counter.ask(path, credential)).status_code == 404
    assert (await counter.ask("/v1/organisation", manager)).json()["rows"] == []
    named = {row["customer_id"] for row in (await counter.ask(top, risk)).json()["rows"]}
    assert named == {"c-team", "c-branch", "c-company"}


async def test_an_auditor_sees_it_with_a_reason_and_the_audit_says_all(counter: Counter) -> None:
    await ask(counter)
    auditor, path = counter.token("a1"), "/v1/clients/c-own"
    assert (await counter.ask(path, auditor)).status_code == 404
    reason = {"X-Reveal-Reason": "supervisor asks"}
    assert (await counter.ask(path, auditor, headers=reason)).status_code == 200
    assert (await counter.ask(path, counter.token("r1"), headers=reason)).status_code == 404
    told_ = (await counter.ask(PATH, auditor)).json()
    assert (told_["asked_by"], told_["reason"]) == ("r1", WHY["reason"])
    entries = (await counter.ask("/v1/audit", auditor)).json()["entries"]
    said = [(e["actor"], e["action"], e["reason"], e["outcome"]) for e in entries[::-1]]
    assert said == [
        ("r1", "client.blocked", WHY["reason"], "granted"),
        ("a1", "client.read", "", "refused"),
        ("a1", "client.read", "supervisor asks", "granted"),
        ("r1", "client.read", "supervisor asks", "refused"),
        ("a1", "client.block-read", "", "granted"),
    ]


async def test_neither_a_later_event_nor_a_rebuild_lifts_it(counter: Counter) -> None:
    await ask(counter)
    risk, stage = counter.token("r1"), counter.stage
    moved = [relation("80000001", "m2", "b01"), relation("80000009", "m2", "b01")]
    await stage.tell(client("c-own", 70, relations=moved))
    assert not {"80000001", "80000009"} & await accounts(counter, risk)
    dsn = stage.database.url.render_as_string(hide_password=False)
    fresh = engine(PostgresSettings(dsn=SecretStr(dsn)), NEXT, pool_size=2)
    try:
        work = Rebuilding(stage.database, fresh)
        await work.begin()
        await work.carry()
        await work.exchange({})
    finally:
        await fresh.dispose()
    await stage.tell(client("c-own", 71, relations=moved))
    assert not {"80000001", "80000009"} & await accounts(counter, risk)
    assert (await counter.ask("/v1/clients/c-own", risk)).status_code == 404


async def test_what_is_due_is_deleted_and_what_comes_again_too(counter: Counter) -> None:
    closed = told("account.opened", 80, account="80000001", closed_on="2026-06-01")
    await counter.stage.tell(closed)
    assert (await ask(counter)).json()["due"] is not None
    async with counter.stage.database.begin() as connection:
        row = await erasures.erasure(connection, BROKER, "c-own")
        assert row is not None
        due = row["due"]
        assert due >= date(2046, 6, 1)
        assert await erasures.due(connection, date(due.year, due.month, due.day - 1)) == []
        assert [r["customer_id"] for r in await erasures.due(connection, due)] == ["c-own"]
        assert await erasures.delete(connection, BROKER, "c-own", AT) > 5
    for table in ("relations", "account_days", "flows", "trades", "bank_accounts", "baselines"):
        rows = await counter.stage.rows(f"SELECT account FROM {table}")  # noqa: S608 ours
        assert "80000001" not in {r["account"] for r in rows}, table
        assert rows, table
    kept = await counter.stage.rows("SELECT reason, deleted_at FROM erasures")
    assert kept == [{"reason": "", "deleted_at": AT}]
    await counter.stage.tell(client("c-own", 90, relations=[relation("80000001", "m1", "b01")]))
    assert await accounts(counter, counter.token("m1")) == set()
    async with counter.stage.database.begin() as connection:
        assert [r["customer_id"] for r in await erasures.due(connection, AT.date())] == ["c-own"]


VISITED = (
    "INSERT INTO visit_tasks VALUES (:broker, :visit, 2026, :client, 1, '2026-12-31', 'done')",
    "INSERT INTO visit_reasons VALUES (:broker, :visit, 'A001', 'b1')",
    "INSERT INTO visit_records VALUES"
    " (:broker, gen_random_uuid(), :visit, 1, now(), 'phone', 'reached', '', 'm1', now())",
    "INSERT INTO visit_assignments VALUES (:broker, :visit, 1, 'm1', '', 'h1', now())",
)


async def test_visits_go_with_their_client_and_never_otherwise(counter: Counter) -> None:
    stage, of = counter.stage, {"c-own": uuid4(), "c-team": uuid4()}
    for client_, visit in of.items():
        for statement in VISITED:
            names = {"broker": BROKER, "visit": visit, "client": client_}
            given = {name: value for name, value in names.items() if f":{name}" in statement}
            await stage.write(statement, **given)
    for table in ("visit_records", "visit_assignments"):
        with pytest.raises(DBAPIError, match="corrected by another"):
            await stage.write(f"DELETE FROM {table}")  # noqa: S608 ours
    await ask(counter)
    async with stage.database.begin() as connection:
        await erasures.delete(connection, BROKER, "c-own", AT)
    for table in ("visit_tasks", "visit_reasons", "visit_records", "visit_assignments"):
        rows = await stage.rows(f"SELECT visit FROM {table}")  # noqa: S608 ours
        assert rows == [{"visit": of["c-team"]}], table


async def test_an_open_account_is_never_due(counter: Counter) -> None:
    opened = told("account.opened", 80, account="80000001", closed_on=None)
    await counter.stage.tell(opened)
    assert (await ask(counter)).json()["due"] is None
    async with counter.stage.database.begin() as connection:
        assert await erasures.due(connection, date(2199, 1, 1)) == []
