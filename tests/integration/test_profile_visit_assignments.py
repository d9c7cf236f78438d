"""Who gives whom a visit, who then sees it, and what is kept of it."""

from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.profiles import VisitAssigned
from tests.integration.test_profile_access import WHO, Counter, counter
from tests.integration.test_profile_visits import RECORD, stood, tasks
from tests.kit.profile import NAME

__all__ = ["counter"]
pytestmark = pytest.mark.integration
TABLE = """
who          own m2 m4 nobody a1
manager      403 403 403 403 403
team-lead    200 200 400 400 400
branch-head  200 200 400 400 400
risk         200 200 200 400 400
operator     403 403 403 403 403
auditor      403 403 403 403 403
nobody       401 401 401 401 401
"""
"""Who gives the visit of m1's client to whom; ``own``: back to m1."""


async def give(counter: Counter, who: str, visits: list[str], to: str | None) -> Any:
    body = {"visits": visits, "assignee": to, "reason": "休假"}
    return await counter.ask("/v1/visit-assignments", WHO[who](counter), "POST", json=body)


async def given(counter: Counter) -> list[tuple[str, int]]:
    """Return who was told of how many visits: by the batch, then one by one."""
    rows = await counter.stage.rows("SELECT key, event FROM outbox ORDER BY number")
    told = [VisitAssigned.model_validate_json(row["event"]) for row in rows]
    assert [row["key"] for row in rows] == [event.data.staff_id for event in told]
    assert len({event.id for event in told}) == len(told)
    return [(event.data.staff_id, event.data.visits) for event in told]


async def test_the_table_holds(counter: Counter) -> None:
    await stood(counter)
    visit = (await tasks(counter, "risk"))["c-own"]["visit"]
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    for who, *statuses in lines:
        for to, status in zip(head[1:], statuses, strict=True):
            answer = await give(counter, who, [visit], "m1" if to == "own" else to)
            assert answer.status_code == int(status), (who, to, answer.text)


async def test_who_is_given_a_visit_sees_and_records_it_and_every_change_is_kept(
    counter: Counter,
) -> None:
    await stood(counter)
    mine = await tasks(counter, "branch-head")
    both = [mine["c-own"]["visit"], mine["c-team"]["visit"]]
    assert (await give(counter, "branch-head", both, "m3")).json() == {
        "assigned": 2,
        "unchanged": 0,
    }
    assert (await give(counter, "branch-head", both, "m3")).json()["unchanged"] == 2
    assert await given(counter) == [("m1", 1), ("m2", 1), ("m3", 1), ("m4", 1), ("m3", 2)]
    m3 = counter.token("m3")
    listed = (await counter.ask("/v1/visits?assignee=m3", m3)).json()["rows"]
    assert {(row["customer_id"], row["name"]) for row in listed} == {
        ("c-own", "张**"),
        ("c-team", "张**"),
    }
    assert (await counter.ask("/v1/clients/c-own", m3)).status_code == 404, "the visit, no more"
    said = {**RECORD, "record": str(uuid4())}
    answer = await counter.ask(f"/v1/visits/{both[0]}/records", m3, "POST", json=said)
    assert answer.json()["records"][0]["recorded_by"] == "m3"
    assert NAME not in answer.text
    assert (await give(counter, "team-lead", both[:1], None)).status_code == 200
    assert (await counter.ask(f"/v1/visits/{both[0]}", m3)).status_code == 404
    seen = (await counter.ask(f"/v1/visits/{both[0]}", counter.token("m1"))).json()
    kept = [(one["assignee"], one["assigned_by"], one["reason"]) for one in seen["assignments"]]
    assert kept == [("m3", "h1", "休假"), (None, "t1", "休假")]
    assert set(await tasks(counter, "branch-head", "?assigned=true")) == {"c-team"}


async def test_one_out_of_reach_and_none_is_given(counter: Counter) -> None:
    await stood(counter)
    every = await tasks(counter, "risk")
    two = [every["c-own"]["visit"], every["c-company"]["visit"]]
    answer = await give(counter, "branch-head", two, "m2")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"no such visit: {two[1]}")
    (entry,) = (await counter.ask("/v1/audit?limit=1", counter.token("a1"))).json()["entries"]
    told = [entry[name] for name in ("actor", "action", "outcome", "subject")]
    assert told == ["h1", "visit.assigned", "refused", two[1]]
    assert await tasks(counter, "risk", "?assigned=true") == {}
