"""Who may look at and answer whose alerts: every role × endpoint × place in the tree.

As ingest's table: the manager is m1. Every alert was told to its client's manager alone.
"""

from collections.abc import Callable

import pytest
from fastapi.routing import iter_route_contexts

from shared.web.gate import OPEN, permission_of
from shared.web.permissions import SYSTEM_SCOPES, Permission, Role
from tests.kit.console import CONTACTED, Counter, alert_of

TABLE = """
who          read:own team branch company answer:own team branch company inbox events search audit
manager           200  404    404     404        201  404    404     404   200    200    200   403
team-lead         200  200    404     404        201  201    404     404   200    200    200   403
branch-head       200  200    200     404        201  201    201     404   200    200    200   403
risk              200  200    200     200        201  201    201     201   200    200    200   403
operator          200  200    200     200        403  403    403     403   200    200    200   403
auditor           200  200    200     200        403  403    403     403   200    200    200   200
stranger          404  404    404     404        404  404    404     404   200    200    200   403
leaver            404  404    404     404        404  404    404     404   200    200    200   403
idle              403  403    403     403        403  403    403     403   403    403    403   403
key:feed          403  403    403     403        403  403    403     403   403    403    403   403
key:reader        200  200    200     200        403  403    403     403   200    200    200   200
nobody            401  401    401     401        401  401    401     401   401    401    401   401
"""
ACCOUNTS = {"own": "80000001", "team": "80000002", "branch": "80000003", "company": "80000004"}
WHO: dict[str, Callable[[Counter], str]] = {
    "manager": lambda counter: counter.token("m1"),
    "team-lead": lambda counter: counter.token("t1"),
    "branch-head": lambda counter: counter.token("h1"),
    "risk": lambda counter: counter.token("r1"),
    "operator": lambda counter: counter.token("o1"),
    "auditor": lambda counter: counter.token("a1"),
    "stranger": lambda counter: counter.token("m9", "manager"),
    "leaver": lambda counter: counter.token("left", "manager"),
    "idle": lambda counter: counter.token("m1", "no-such-role"),
    "key:feed": lambda counter: counter.key("feed", Permission.EVENTS_WRITE),
    "key:reader": lambda counter: counter.key("r", *SYSTEM_SCOPES),
    "nobody": lambda counter: "",
}
FOUND = {  # whose alerts a search finds, and an inbox holds
    "manager": (["own", "left"], ["own", "left"]),
    "team-lead": (["own", "team", "left"], []),
    "branch-head": (["own", "team", "branch", "left"], []),
    "risk": (["own", "team", "branch", "company", "left", "nobody"], []),
    "operator": (["own", "team", "branch", "company", "left", "nobody"], []),
    "auditor": (["own", "team", "branch", "company", "left", "nobody"], []),
    "stranger": ([], []),
    "leaver": ([], []),
    "key:reader": (["own", "team", "branch", "company", "left", "nobody"], []),
}
ENDPOINTS = {
    "read": ("GET", "/v1/alerts/{alert_id}"),
    "answer": ("POST", "/v1/alerts/{alert_id}/answers"),
    "inbox": ("GET", "/v1/inbox"),
    "events": ("GET", "/v1/inbox/events"),
    "search": ("POST", "/v1/alerts/search"),
    "audit": ("GET", "/v1/audit"),
}
BODIES: dict[str, dict[str, str]] = {"answer": CONTACTED, "search": {}}


def cells() -> list[tuple[str, str, str, int]]:
    """Return (who, what, whose, status) of every cell."""
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    columns, what = [], ""
    for column in head[1:]:
        what, _, whose = column.rpartition(":") if ":" in column else (what, "", column)
        columns.append((what, whose) if whose in ACCOUNTS else (whose, ""))
    return [
        (who, *column, int(status))
        for who, *statuses in lines
        for column, status in zip(columns, statuses, strict=True)
    ]


async def status(counter: Counter, credential: str, what: str, whose: str) -> int:
    verb, path = ENDPOINTS[what]
    which = alert_of(ACCOUNTS.get(whose, "none"))
    asked = path.format(alert_id=which)
    return (await counter.ask(verb, asked, credential, BODIES.get(what))).status_code


@pytest.mark.parametrize("who", WHO)
async def test_the_table_holds(who: str) -> None:
    counter = Counter()
    counter.live.close()  # so that whoever follows is sent away after the first words
    credential = WHO[who](counter)
    row = {(what, whose): expected for one, what, whose, expected in cells() if one == who}
    assert {cell: await status(counter, credential, *cell) for cell in row} == row


def test_the_table_speaks_of_every_role_and_every_endpoint() -> None:
    assert set(Role) <= {who for who, *_ in cells()} == set(WHO)
    assert {what for _, what, *_ in cells()} == set(ENDPOINTS)
    routes = list(iter_route_contexts(Counter().app.routes))
    closed = {route.path for route in routes if permission_of(route)}
    assert closed == {path for _, path in ENDPOINTS.values()}
    assert {route.path for route in routes} - closed - OPEN == {"/openapi.json", "/docs"}


@pytest.mark.parametrize("who", FOUND)
async def test_lists_hold_what_is_in_reach_and_no_more(who: str) -> None:
    names = {f"***{n:03d}": name for n, name in enumerate([*ACCOUNTS, "left", "nobody"], 1)}
    counter = Counter()
    credential = WHO[who](counter)
    searched = (await counter.ask("POST", "/v1/alerts/search", credential, {})).json()["alerts"]
    inbox = (await counter.get("/v1/inbox", credential)).json()["alerts"]
    found, told = ([names[one["account"]] for one in reversed(page)] for page in (searched, inbox))
    assert (found, told) == FOUND[who]
    clients = {one["client"] for one in searched}
    assert clients <= ({None} if who == "operator" else {"张**"})


async def test_whoever_was_told_may_look_and_answer_wherever_the_client_is() -> None:
    counter = Counter()
    theirs, path = counter.token("m4"), f"/v1/alerts/{alert_of('80000001')}"
    assert (await counter.get(path, theirs)).status_code == 404
    counter.console.told.append(("m4", "80000001"))
    assert (await counter.get(path, theirs)).status_code == 200
    assert (await counter.answer("80000001", theirs, CONTACTED)).status_code == 201
    assert len((await counter.get("/v1/inbox", theirs)).json()["alerts"]) == 2


async def test_what_is_out_of_reach_is_unknown_and_in_the_audit() -> None:
    counter = Counter()
    other, unknown = alert_of("80000004"), alert_of("1")
    answers = [await counter.get(f"/v1/alerts/{a}", counter.token("m1")) for a in (other, unknown)]
    assert answers[0].text == answers[1].text
    answer = await counter.answer("80000004", counter.token("m1"), CONTACTED)
    assert (answer.status_code, counter.taken) == (404, [])
    told = [link.entry for link in counter.console.trail.links]
    assert [(e.actor, e.action, e.subject, e.outcome) for e in told] == [
        ("m1", "alert.read", str(other), "refused"),
        ("m1", "alert.read", str(unknown), "refused"),
        ("m1", "alert.answered", str(other), "refused"),
    ]
