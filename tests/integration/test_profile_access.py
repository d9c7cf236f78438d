"""Who may see whose client in profile: every role × endpoint × place in the tree, and the audit.

The people are those of ``tests.kit.office``: m1 has ``own``, a team-mate ``team``, another team of
the branch ``branch``, another branch ``company``.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from services.profile.adapters.nights import Nights
from services.profile.adapters.permissions import evaluate
from services.profile.adapters.records import records_of
from services.profile.api import create_api
from services.profile.desk import Desk, tree_of
from services.profile.nightly import steps
from services.profile.permission_book import read_conditions
from shared.clock import DrivenClock
from shared.kernel.trading_day import china
from shared.settings import TokenRules
from shared.web.api_keys import ApiKey, KeyRing, issue
from shared.web.gate import OPEN, Authority, permission_of
from shared.web.permissions import OFFICES, Permission, Role
from shared.web.tokens import Tokens
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer
from tests.kit.office import PEOPLE
from tests.kit.profile import (
    BROKER,
    DAY,
    EVENTS,
    FINDER,
    ID_CARD,
    NAME,
    PHONE,
    Stage,
    client,
    profile_stage,
    relation,
    told,
)

pytestmark = pytest.mark.integration
TABLE = """
who          read:own team branch company reveal:own team branch company audit
manager           200  404    404     404        200  404    404     404   403
team-lead         200  200    404     404        200  200    404     404   403
branch-head       200  200    200     404        200  200    200     404   403
risk              200  200    200     200        200  200    200     200   403
operator          200  200    200     200        403  403    403     403   403
auditor           200  200    200     200        403  403    403     403   200
stranger          404  404    404     404        404  404    404     404   403
leaver            404  404    404     404        404  404    404     404   403
key:reader        200  200    200     200        403  403    403     403   403
nobody            401  401    401     401        401  401    401     401   401
"""
ACCOUNTS = {
    "own": ("80000001", "m1", "b01"),
    "team": ("80000002", "m2", "b01"),
    "branch": ("80000003", "m3", "b01"),
    "company": ("80000004", "m4", "b02"),
}
REACH = {
    "manager": {"own"},
    "team-lead": {"own", "team"},
    "branch-head": {"own", "team", "branch"},
    "risk": set(ACCOUNTS),
    "operator": set(ACCOUNTS),
    "auditor": set(ACCOUNTS),
    "stranger": set(),
    "leaver": set(),
    "key:reader": set(ACCOUNTS),
}
"""Who → whose clients stand in the lists: what ``read`` says, for every list."""
LISTS: dict[str, str] = {
    "/v1/clients": "clients",
    "/v1/funds": "rows",
    "/v1/days": "rows",
    "/v1/flows": "rows",
    "/v1/trades": "rows",
    "/v1/positions": "rows",
    "/v1/forced-orders": "rows",
    "/v1/indicators": "rows",
    "/v1/permissions?class=ine-crude": "rows",
    "/v1/fees?day_from=2026-05-01&day_to=2026-06-30": "rows",
}
VISITS = {
    "/v1/visits",
    "/v1/visits/{visit}",
    "/v1/visits/{visit}/records",
    "/v1/visit-batches",
    "/v1/visit-assignments",
    "/v1/visit-imports/clients",
    "/v1/visit-imports/records",
    "/v1/visit-batches/{batch}",
    "/v1/visit-batches/preview",
    "/v1/visit-rules",
    "/v1/visit-summary",
    "/v1/visit-export",
    "/v1/visits/{visit}/evidence",
    "/v1/visits/{visit}/answers",
    "/v1/visit-questionnaire",
}
"""Of which ``test_profile_visits`` speaks: they ask for other permissions."""
SUMS = {"/v1/organisation", "/v1/positions/products"}
"""List → the field of its rows; each row names its account."""
TOOLS = {
    "/v1/margin/products",
    "/v1/margin/affordable",
    "/v1/permissions/{client}",
    "/v1/reports/{kind}",
    "/v1/report-files",
    "/v1/report-files/{file}",
    "/v1/segments",
    "/v1/segments/preview",
    "/v1/segments/{segment}/clients",
    "/v1/saved-segments",
    "/v1/saved-segments/{segment}",
    "/v1/saved-segments/{segment}/clients",
    "/v1/stars",
    "/v1/stars/{client}",
}
ERASURE = "/v1/clients/{client}/erasure"
WHO: dict[str, Callable[["Counter"], str]] = {
    "manager": lambda c: c.token("m1"),
    "team-lead": lambda c: c.token("t1"),
    "branch-head": lambda c: c.token("h1"),
    "risk": lambda c: c.token("r1"),
    "operator": lambda c: c.token("o1"),
    "auditor": lambda c: c.token("a1"),
    "stranger": lambda c: c.token("m9", "manager"),
    "leaver": lambda c: c.token("left", "manager"),
    "key:reader": lambda c: c.key("reader"),
    "nobody": lambda c: "",
}
FACTS = (
    "account.settled",
    "account.baselined",
    "bank.signed",
    "funds.withdrawn",
    "funds.reversed",
    "trade.settled",
    "positions.settled",
    "fee.charged",
)
REASON = {"X-Reveal-Reason": "call back"}


@dataclass
class Counter:
    """profile's API over real tables, and credentials for it."""

    stage: Stage
    issuer: Issuer = field(default_factory=Issuer)
    clock: DrivenClock = field(default_factory=lambda: DrivenClock(NOW))
    keys: list[ApiKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE)
        known = (KeyRing(self._read, self.clock), Tokens(rules, self.issuer.jwks, self.clock))
        database = self.stage.database
        authority = Authority(known, tree_of(database, BROKER, self.clock))
        desk = Desk(authority, records_of(database, BROKER), FINDER, self.clock)
        self.app: FastAPI = create_api(desk)

    async def _read(self) -> list[ApiKey]:
        return self.keys

    def key(self, name: str) -> str:
        until = NOW + timedelta(days=30)
        made, kept = issue(name, frozenset({Permission.CLIENTS_READ}), NOW, until)
        self.keys.append(kept)
        return made

    def token(self, staff_id: str, *roles: str) -> str:
        return self.issuer.token(staff_id=staff_id, roles=list(roles) or [PEOPLE[staff_id][0]])

    async def ask(
        self, path: str, credential: str, method: str = "GET", **request: Any
    ) -> httpx.Response:
        headers = {**request.pop("headers", {}), "Authorization": f"Bearer {credential}"}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://profile") as client:
            return await client.request(method, path, headers=headers, **request)

    async def search(self, credential: str, **sought: Any) -> list[str]:
        answer = await self.ask("/v1/clients/search", credential, "POST", json=sought)
        assert answer.status_code == 200, answer.text
        return [row["account"] for row in answer.json()["clients"]]


@pytest.fixture
async def counter(fresh_database: Callable[..., str]) -> AsyncIterator[Counter]:
    async with profile_stage(fresh_database("profile")) as stage:
        people = [
            told("staff.changed", n, staff_id=id_, role=role, branch_id=branch, leader_id=leader)
            for n, (id_, (role, branch, leader)) in enumerate(PEOPLE.items(), 1)
        ]
        left = {"staff_id": "left", "successor_id": "m1", "left_on": "2026-05-01"}
        clients = [
            client(f"c-{whose}", n, relations=[relation(account, manager, branch)])
            for n, (whose, (account, manager, branch)) in enumerate(ACCOUNTS.items(), 1)
        ]
        facts = [
            told(type_, n, account=account)
            for n, (account, _, _) in enumerate(ACCOUNTS.values(), 1)
            for type_ in FACTS
        ]
        facts += [
            told("order.force-closed", n, account=account, order_id=f"o{n}")
            for n, (account, _, _) in enumerate(ACCOUNTS.values(), 1)
        ]
        await stage.tell(*people, told("staff.changed", 99, **left), *clients, *facts)
        async with stage.database.begin() as connection:
            await evaluate(connection, BROKER, DAY, china(), read_conditions())
        await stage.close(DAY)
        short = [step for step in steps() if step.name != "reports"]  # the long one
        while await Nights(stage.database, BROKER, short, calm=0).compute():
            pass
        yield Counter(stage)


def cells() -> dict[str, dict[tuple[str, str], int]]:
    """Return who → (what, whose) → status."""
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    columns, what = [], ""
    for column in head[1:]:
        what, _, whose = column.rpartition(":") if ":" in column else (what, "", column)
        columns.append((what, whose) if whose in ACCOUNTS else (whose, ""))
    return {who: dict(zip(columns, map(int, statuses), strict=True)) for who, *statuses in lines}


async def status(counter: Counter, credential: str, what: str, whose: str) -> int:
    if what == "audit":
        return (await counter.ask("/v1/audit", credential)).status_code
    path = f"/v1/clients/c-{whose}"
    if what == "reveal":
        answer = await counter.ask(f"{path}?reveal=name", credential, headers=REASON)
    else:
        answer = await counter.ask(path, credential)
    return answer.status_code


async def test_the_table_holds(counter: Counter) -> None:
    for who, row in cells().items():
        credential = WHO[who](counter)
        assert {cell: await status(counter, credential, *cell) for cell in row} == row, who


async def test_every_list_holds_whom_one_reaches(counter: Counter) -> None:
    for who, reached in REACH.items():
        credential = WHO[who](counter)
        for path, rows in LISTS.items():
            answer = await counter.ask(path, credential)
            assert answer.status_code == 200, (path, answer.text)
            found = {row["account"] for row in answer.json()[rows]}
            assert found == {ACCOUNTS[whose][0] for whose in reached}, (who, path)


async def test_the_tests_speak_of_every_role_and_every_endpoint(counter: Counter) -> None:
    assert set(Role) <= set(WHO) == set(cells())
    assert set(REACH) == set(WHO) - {"nobody"}
    assert all(Permission.CLIENTS_READ in office.may for office in OFFICES.values())
    routes = list(iter_route_contexts(counter.app.routes))
    closed = {str(route.path) for route in routes if permission_of(route)}
    spoken = {"/v1/clients/{client}", "/v1/clients/search", "/v1/audit", *SUMS, *TOOLS, *VISITS}
    spoken.add(ERASURE)
    spoken |= {path.partition("?")[0] for path in LISTS}
    assert closed == spoken
    assert {route.path for route in routes} - closed - OPEN == {"/openapi.json"}


async def test_everywhere_nobody_is_refused(counter: Counter) -> None:
    for route in iter_route_contexts(counter.app.routes):
        for method in (route.methods or set()) if permission_of(route) else ():
            answer = await counter.ask(str(route.path), "gck_000000000000_x", method, json={})
            assert answer.status_code == 401, route.path


async def test_what_is_seen_is_masked_and_an_operator_sees_nothing(counter: Counter) -> None:
    for who in sorted(REACH):
        credential = WHO[who](counter)
        answers = [await counter.ask(path, credential) for path in ("/v1/clients/c-own", *LISTS)]
        for answer in answers:
            for clear in (NAME, PHONE, ID_CARD):
                assert clear not in answer.text, who
        if answers[0].status_code == 200:
            seen = [answers[0].json()[name] for name in ("name", "phone", "id_card", "address")]
            masked = ["张**", "138****5678", "110101********001X", None]
            assert seen == ([None] * 4 if who == "operator" else masked), who


async def test_a_person_is_found_by_whole_fields_alone(counter: Counter) -> None:
    risk, manager = counter.token("r1"), counter.token("m1")
    everybody = sorted(account for account, _, _ in ACCOUNTS.values())
    for sought in (
        {"name": NAME},
        {"name": "张"},
        {"phone": "+86 138-1234-5678"},
        {"phone": "138****5678"},
        {"id_number": ID_CARD.lower()},
        {"account": "8000"},
    ):
        assert await counter.search(risk, **sought) == everybody, sought
        assert await counter.search(manager, **sought) == ["80000001"], sought
    for sought in ({"name": "张小"}, {"name": "小明"}, {"phone": "13812345670"}, {"name": "李"}):
        assert await counter.search(risk, **sought) == [], sought
    assert (await counter.ask("/v1/clients/search", risk, "POST", json={})).status_code == 400


async def test_every_page_is_another_and_none_is_missed(counter: Counter) -> None:
    risk = counter.token("r1")
    found, after = [], ""
    while True:
        page = (await counter.ask(f"/v1/clients?limit=1{after}", risk)).json()
        found += [row["account"] for row in page["clients"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == sorted(account for account, _, _ in ACCOUNTS.values())
    assert (await counter.ask("/v1/clients?after=nonsense", risk)).status_code == 400


async def test_every_look_is_in_the_audit_refused_ones_too(counter: Counter) -> None:
    manager = counter.token("m1")
    await counter.ask("/v1/clients/c-own?reveal=phone", manager, headers=REASON)
    await counter.ask("/v1/clients/c-company", manager)
    await counter.search(manager, name=NAME)
    entries = (await counter.ask("/v1/audit", counter.token("a1"))).json()["entries"]
    told = [
        (e["actor"], e["action"], e["subject"], e["outcome"], e["fields"]) for e in entries[::-1]
    ]
    assert told == [
        ("m1", "client.revealed", "c-own", "granted", ["customer.phone"]),
        ("m1", "client.read", "c-company", "refused", []),
        ("m1", "clients.searched", "name", "granted", []),
    ]
    assert NAME not in str(entries)


async def test_the_view_says_what_is_known(counter: Counter) -> None:
    answer = (await counter.ask("/v1/clients/c-own", counter.token("m1"))).json()
    assert answer["assets"] == {
        "equity": "9123456.78",
        "available": "-50000.125",
        "margin": "9100000",
        "risk_degree": "0.9974",
        "accounts": 1,
    }
    (account,) = answer["accounts"]
    assert (account["account"], account["manager_id"], account["branch_id"]) == (
        "80000001",
        "m1",
        "b01",
    )
    assert account["funds"]["settled"] is True
    assert [day["trading_day"] for day in answer["days"]] == ["2026-06-01"]
    assert account["banks"][0]["card"].startswith("****")
    assert account["opened_on"] == EVENTS["account.baselined"]["data"]["opened_on"]


async def test_sums_go_down_from_branch_to_client_within_reach(counter: Counter) -> None:
    async def units(who: str, path: str = "") -> dict[str, tuple[int, str]]:
        answer = await counter.ask(f"/v1/organisation{path}", WHO[who](counter))
        assert answer.status_code == 200, answer.text
        return {row["id"]: (row["clients"], row["equity"]) for row in answer.json()["rows"]}

    one = "9123456.78"
    assert await units("risk") == {"b01": (3, "27370370.34"), "b02": (1, one)}
    assert await units("manager") == {"b01": (1, one)}
    assert await units("stranger") == {}
    below = {"m1": (1, one), "m2": (1, one), "m3": (1, one)}
    assert await units("branch-head", "?branch=b01") == below
    assert await units("branch-head", "?branch=b02") == {}
    assert await units("team-lead", "?branch=b01&manager=m2") == {"c-team": (1, one)}
    first = (await counter.ask("/v1/organisation?limit=1", WHO["risk"](counter))).json()
    assert await units("risk", f"?limit=1&after={first['next']}") == {"b02": (1, one)}


async def test_positions_by_product_count_whom_one_reaches(counter: Counter) -> None:
    for who, clients in (("manager", 1), ("branch-head", 3), ("risk", 4)):
        (row,) = (await counter.ask("/v1/positions/products", WHO[who](counter))).json()
        assert (row["product"], row["clients"], row["long_lots"]) == ("rb", clients, 12 * clients)


async def test_funds_are_sorted_both_ways_and_paged(counter: Counter) -> None:
    await counter.stage.tell(
        *(
            told("account.settled", 50 + n, account=account, equity=f"{n}000.5")
            for n, (account, _, _) in enumerate(ACCOUNTS.values(), 1)
        )
    )
    risk, order = counter.token("r1"), sorted(account for account, _, _ in ACCOUNTS.values())
    for ascending, expected in (("true", order), ("false", order[::-1])):
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            path = f"/v1/funds?sort=equity&ascending={ascending}&limit=3{after}"
            page = (await counter.ask(path, risk)).json()
            found += [row["account"] for row in page["rows"]]
            after = f"&after={page['next']}" if page["next"] else None
        assert found == expected
    for origin, n in (("direct", 4), ("introduced", 0), ("company", 0)):
        page = (await counter.ask(f"/v1/funds?origin={origin}", risk)).json()
        assert len(page["rows"]) == n


async def test_a_withdrawal_that_was_taken_back_says_so(counter: Counter) -> None:
    serial = EVENTS["funds.reversed"]["data"]["reverses"]
    await counter.stage.tell(told("funds.withdrawn", 77, account="80000001", serial=serial))
    rows = (await counter.ask("/v1/flows?client=c-own", counter.token("m1"))).json()["rows"]
    assert {(row["direction"], row["serial"] == serial, row["reversed"]) for row in rows} == {
        ("withdrawal", True, True),
        ("withdrawal", False, False),
        ("withdrawal-reversed", False, False),
    }


async def test_fees_are_the_days_and_the_other_items(counter: Counter) -> None:
    cancelled = told("fee.charged", 60, account="80000001", cancelled=True)
    again = told("fee.charged", 61, account="80000001")
    await counter.stage.tell(again, cancelled)
    path = "/v1/fees?day_from=2026-06-01&day_to=2026-06-01"
    (row,) = (await counter.ask(path, counter.token("m1"))).json()["rows"]
    assert (row["other"], row["traded_lots"]) == ("3.2", 3)
    assert (await counter.ask(f"{path}&account=80000002", counter.token("m1"))).json()["rows"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/fees?day_from=2026-06-01&day_to=2020-06-01",
        "/v1/funds?sort=name",
        "/v1/flows?after=WyJ4Il0=",
        "/v1/trades?limit=0",
        "/v1/clients?phone=13812345678",
    ],
)
async def test_what_cannot_be_asked_is_400_and_quotes_nothing(counter: Counter, path: str) -> None:
    answer = await counter.ask(path, counter.token("r1"))
    assert answer.status_code == 400
    assert PHONE not in answer.text


async def test_permissions_say_what_is_missing_within_reach(counter: Counter) -> None:
    manager = counter.token("m1")
    (account,) = (await counter.ask("/v1/permissions/c-own", manager)).json()
    assert (account["account"], account["trading_day"]) == ("80000001", "2026-06-01")
    crude = {one["product_class"]: one for one in account["permissions"]}["ine-crude"]
    funds = {one["condition"]: one for one in crude["conditions"]}["funds"]
    assert (crude["status"], funds["met"], funds["figure"]) == ("not-met", False, "-50000.125")
    assert (funds["threshold"], funds["shortfall"]) == ("500000", "550000.125")
    listed = (await counter.ask("/v1/permissions?client=c-own", manager)).json()["rows"]
    assert {row["product_class"]: row["status"] for row in listed} == {
        one["product_class"]: one["status"] for one in account["permissions"]
    }
    assert {row["name_of_class"] for row in listed} >= {"原油期货和期权"}
    eligible = (await counter.ask("/v1/permissions?status=eligible", manager)).json()
    assert eligible["rows"] == []
    (seen,) = (await counter.ask("/v1/clients/c-own", manager)).json()["accounts"]
    assert {one["status"] for one in seen["permissions"]} == {"not-met"}
    assert (await counter.ask("/v1/permissions/c-company", manager)).status_code == 404


async def test_a_segment_holds_whom_one_reaches(counter: Counter) -> None:
    everybody = {"condition": {"field": "equity", "operator": "known", "value": True}}
    everybody = {"condition": {"or": [everybody["condition"], {"not": everybody["condition"]}]}}
    for who, reached in REACH.items():
        credential = WHO[who](counter)
        answer = await counter.ask("/v1/segments/preview", credential, "POST", json=everybody)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert {row["account"] for row in found["sample"]} == {ACCOUNTS[w][0] for w in reached}
        assert found["clients"] == found["accounts"] == len(reached), who
        if who == "operator":
            assert {row["name"] for row in found["sample"]} == {None}
    manager = counter.token("m1")
    for code, status in {"dormant": 200, "nothing": 404, "prospects": 409}.items():
        answer = await counter.ask(f"/v1/segments/{code}/clients", manager)
        assert answer.status_code == status, code
    wrong = {"condition": {"and": [{"field": "wealth", "operator": "=", "value": 1}]}}
    answer = await counter.ask("/v1/segments/preview", manager, "POST", json=wrong)
    assert answer.status_code == 400
    assert "body.condition.and.0.field" in answer.json()["detail"]
    assert len((await counter.ask("/v1/segments", manager)).json()) == 7
