"""Return visits over real tables: one batch a request, one task a client, who sees and records."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.profile.adapters.visit_generating import Generating
from shared.kernel.trading_day import china
from tests.integration.test_profile_access import ACCOUNTS, WHO, Counter, counter
from tests.kit.issuer import NOW
from tests.kit.profile import BROKER, CIPHER, NAME, client, relation, told

__all__ = ["counter"]
pytestmark = pytest.mark.integration
DAY = "2026-06-01"
RECORD = {
    "visited_at": (NOW - timedelta(hours=1)).isoformat(),
    "method": "phone",
    "result": "failed",
    "reason": "无人接听",
}
TABLE = """
who         generate list            record:own company
manager          403 own                    200     404
team-lead        403 own,team               200     404
branch-head      403 own,team,branch        200     404
risk             202 own,team,branch,company 200    200
operator         202 own,team,branch,company 403    403
auditor          403 own,team,branch,company 403    403
stranger         403 -                      404     404
leaver           403 -                      404     404
key:reader       403 403                    403     403
nobody           401 401                    401     401
"""


async def batch(counter: Counter, path: str = "", **said: Any) -> dict[str, Any]:
    """Ask for a batch, have it generated, and return what is said of it then."""
    body = {"day": DAY, **said}
    risk = counter.token("r1")
    answer = await counter.ask(f"/v1/visit-batches{path}", risk, "POST", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/visit-batches/{answer.json()['batch']}"
    await generating(counter).generate()
    answer = await counter.ask(answer.headers["location"], risk)
    assert answer.json()["status"] == "done", answer.text
    found: dict[str, Any] = answer.json()
    return found


def generating(counter: Counter) -> Generating:
    return Generating(counter.stage.database, BROKER, china(), CIPHER)


async def stood(counter: Counter, *, generate: bool = True) -> dict[str, Any]:
    """Close the day with everybody jobless, and generate."""
    clients = [
        client(
            f"c-{whose}",
            100 + n,
            relations=[relation(account, manager, branch)],
            occupation="无业",
        )
        for n, (whose, (account, manager, branch)) in enumerate(ACCOUNTS.items())
    ]
    await counter.stage.tell(*clients, told("day.closed", 90, trading_day=DAY))
    return await batch(counter) if generate else {}


async def tasks(counter: Counter, who: str, query: str = "") -> dict[str, dict[str, Any]]:
    answer = await counter.ask(f"/v1/visits{query}", WHO[who](counter))
    assert answer.status_code == 200, answer.text
    return {row["customer_id"]: row for row in answer.json()["rows"]}


async def test_the_same_request_is_one_batch_and_one_task_a_client(counter: Counter) -> None:
    first = await stood(counter)
    assert (first["clients"], first["selected"], first["opened"], first["joined"]) == (4, 4, 4, 0)
    assert first["tallies"]["A005"] == {"met": 4, "unknown": 0}
    assert first["tallies"]["A003"] == {"met": 0, "unknown": 0}, "the id card tells the age"
    assert first["tallies"]["A004"] == {"met": 0, "unknown": 4}
    assert first["tallies"]["S001"] == {"met": 1, "unknown": 0}
    assert await batch(counter) == first
    again = await batch(counter, seed="another")
    assert again["batch"] != first["batch"]
    assert again["opened"] == 0
    found = await tasks(counter, "risk")
    assert len(found) == 4
    assert all("A005" in row["reasons"] for row in found.values())
    (counted,) = await counter.stage.rows("SELECT count(*) AS n FROM visit_batches")
    assert counted == {"n": 2}


async def test_the_table_holds(counter: Counter) -> None:
    await stood(counter)
    visit = {row: one["visit"] for row, one in (await tasks(counter, "risk")).items()}
    for line in TABLE.strip().splitlines()[1:]:
        who, generate, listed, *recorded = line.split()
        credential = WHO[who](counter)
        path = "/v1/visit-batches"
        answer = await counter.ask(path, credential, "POST", json={"day": DAY})
        assert answer.status_code == int(generate), who
        answer = await counter.ask("/v1/visits", credential)
        if listed.isdecimal():
            assert answer.status_code == int(listed), who
        else:
            expected = {f"c-{whose}" for whose in listed.split(",")} - {"c--"}
            assert {row["customer_id"] for row in answer.json()["rows"]} == expected, who
            assert NAME not in answer.text
        for whose, status in zip(("own", "company"), recorded, strict=True):
            said = {**RECORD, "record": str(uuid4())}
            path = f"/v1/visits/{visit[f'c-{whose}']}/records"
            answer = await counter.ask(path, credential, "POST", json=said)
            assert answer.status_code == int(status), (who, whose, answer.text)


async def test_records_are_appended_and_the_last_one_holds(counter: Counter) -> None:
    await stood(counter)
    manager = counter.token("m1")
    task = (await tasks(counter, "manager"))["c-own"]
    path = f"/v1/visits/{task['visit']}/records"
    said = {**RECORD, "record": str(uuid4())}

    async def ask(**changed: Any) -> Any:
        return await counter.ask(path, manager, "POST", json={**said, **changed})

    assert (await ask()).json()["status"] == "failed"
    assert len((await ask()).json()["records"]) == 1, "a repeat is one record"
    assert (await ask(method="sms")).status_code == 409
    assert (await ask(record=str(uuid4()), reason="  ")).status_code == 400
    later = (NOW + timedelta(days=1)).isoformat()
    assert (await ask(record=str(uuid4()), visited_at=later)).status_code == 400
    done = (await ask(record=str(uuid4()), result="succeeded", reason="")).json()
    assert (done["status"], [one["place"] for one in done["records"]]) == ("succeeded", [1, 2])
    assert done["records"][0]["recorded_by"] == "m1"
    assert await tasks(counter, "manager", "?status=open") == {}
    with pytest.raises(DBAPIError, match="corrected by another"):
        async with counter.stage.database.begin() as connection:
            await connection.execute(text("UPDATE visit_records SET reason = ''"))


async def test_a_task_out_of_reach_is_404_and_audited(counter: Counter) -> None:
    await stood(counter)
    visit = (await tasks(counter, "risk"))["c-company"]["visit"]
    manager = counter.token("m1")
    assert (await counter.ask(f"/v1/visits/{visit}", manager)).status_code == 404
    assert (await counter.ask(f"/v1/visits/{uuid4()}", manager)).status_code == 404
    entries = (await counter.ask("/v1/audit?limit=2", counter.token("a1"))).json()["entries"]
    seen = [(one["actor"], one["action"], one["outcome"]) for one in entries]
    assert seen == [("m1", "visit.read", "refused")] * 2
    assert entries[1]["subject"] == visit


async def test_what_is_due_is_overdue_when_the_year_is_over(counter: Counter) -> None:
    await stood(counter)
    assert len(await tasks(counter, "risk", "?overdue=false")) == 4
    await counter.stage.tell(told("clock.ticked", 500, trading_day="2027-01-04"))
    assert len(await tasks(counter, "risk", "?overdue=true&rule=A005&year=2026")) == 4
    assert set(await tasks(counter, "risk", "?branch=b02")) == {"c-company"}
    pages, after = [], ""
    while True:
        answer = await counter.ask(f"/v1/visits?limit=3{after}", counter.token("r1"))
        pages += [row["customer_id"] for row in answer.json()["rows"]]
        if answer.json()["next"] is None:
            break
        after = f"&after={answer.json()['next']}"
    assert sorted(pages) == sorted(f"c-{whose}" for whose in ACCOUNTS)
