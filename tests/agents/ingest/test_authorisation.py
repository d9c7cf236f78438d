"""Who may do what to whose clients: one table, every role × endpoint × place in the tree.

The manager is m1, of team t1 in branch b01. ``own`` is m1's client, ``team`` a team-mate's,
``branch`` one of another team in the branch, ``company`` one of another branch.
"""

from collections.abc import Callable

import pytest
from fastapi.routing import iter_route_contexts

from shared.web.gate import OPEN, permission_of
from shared.web.permissions import OFFICES, SYSTEM_SCOPES, Permission, Role
from tests.kit.ingest import withdrew
from tests.kit.office import ID_CARD, NAME, PHONE, Office

TABLE = """
who         read:own team branch company reveal:own team branch company files audit post change find
manager          200  404    404     404        200  404    404     404   403   403  403    403  200
team-lead        200  200    404     404        200  200    404     404   403   403  403    403  200
branch-head      200  200    200     404        200  200    200     404   403   403  403    403  200
risk             200  200    200     200        200  200    200     200   200   403  403    403  200
operator         200  200    200     200        403  403    403     403   200   403  403    200  200
auditor          200  200    200     200        403  403    403     403   200   200  403    403  200
stranger         404  404    404     404        404  404    404     404   403   403  403    403  200
leaver           404  404    404     404        404  404    404     404   403   403  403    403  200
idle             403  403    403     403        403  403    403     403   403   403  403    403  403
key:feed         403  403    403     403        403  403    403     403   403   403  202    403  403
key:reader       200  200    200     200        403  403    403     403   200   200  403    200  200
key:push         403  403    403     403        403  403    403     403   403   403  202    403  403
client:feed      403  403    403     403        403  403    403     403   403   403  202    403  403
nobody           401  401    401     401        401  401    401     401   401   401  401    401  401
"""
ACCOUNTS = {"own": "80000001", "team": "80000002", "branch": "80000003", "company": "80000004"}
BODY = {"phone": PHONE}
REASON = {"X-Reveal-Reason": "%E5%AE%A2%E6%88%B7%E6%9D%A5%E7%94%B5"}  # 客户来电
Who = Callable[[Office], str]
WHO: dict[str, Who] = {
    "manager": lambda office: office.token("m1"),
    "team-lead": lambda office: office.token("t1"),
    "branch-head": lambda office: office.token("h1"),
    "risk": lambda office: office.token("r1"),
    "operator": lambda office: office.token("o1"),
    "auditor": lambda office: office.token("a1"),
    "stranger": lambda office: office.token("m9", "manager"),
    "leaver": lambda office: office.token("left", "manager"),
    "idle": lambda office: office.token("m1", "no-such-role"),
    "key:feed": lambda office: office.key("feed", Permission.EVENTS_WRITE),
    "key:reader": lambda office: office.key("r", *(SYSTEM_SCOPES - {Permission.EVENTS_WRITE})),
    "key:push": lambda office: "push",
    "client:feed": lambda office: office.issuer.token(
        staff_id=None, client_id="feed", scope="events:write clients:reveal"
    ),
    "nobody": lambda office: "",
}
ENDPOINTS = {
    "read": ("GET", "/v1/accounts/{account}"),
    "reveal": ("GET", "/v1/accounts/{account}"),
    "files": ("GET", "/v1/files"),
    "audit": ("GET", "/v1/audit"),
    "post": ("POST", "/v1/events"),
    "change": ("POST", "/v1/directory/{kind}"),
    "find": ("POST", "/v1/clients/search"),
}


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


async def status(office: Office, credential: str, what: str, whose: str) -> int:
    if what == "post":
        return (await office.post([withdrew("1")], credential)).status_code
    if what == "change":
        return (await office.ask("POST", "/v1/directory/staff", credential, json=[])).status_code
    if what == "find":
        return (await office.ask("POST", "/v1/clients/search", credential, json=BODY)).status_code
    path = ENDPOINTS[what][1].format(account=ACCOUNTS.get(whose))
    if what == "reveal":
        return (await office.get(f"{path}?reveal=name", credential, **REASON)).status_code
    return (await office.get(path, credential)).status_code


@pytest.mark.parametrize("who", WHO)
async def test_the_table_holds(who: str) -> None:
    office = Office()
    credential = WHO[who](office)
    row = {(what, whose): expected for one, what, whose, expected in cells() if one == who}
    assert {cell: await status(office, credential, *cell) for cell in row} == row


def test_the_table_speaks_of_every_role_and_every_endpoint() -> None:
    assert set(Role) <= {who for who, *_ in cells()} == set(WHO)
    assert {what for _, what, *_ in cells()} == set(ENDPOINTS)
    routes = list(iter_route_contexts(Office().app.routes))
    closed = {route.path for route in routes if permission_of(route)}
    assert closed == {path for _, path in ENDPOINTS.values()}
    assert {route.path for route in routes} - closed - OPEN == {"/openapi.json"}


@pytest.mark.parametrize("who", [who for who in WHO if who not in ("nobody", "idle")])
async def test_what_is_seen_is_masked_and_an_operator_sees_nothing(who: str) -> None:
    office = Office()
    answer = await office.get("/v1/accounts/80000001", WHO[who](office))
    for clear in (NAME, PHONE, ID_CARD):
        assert clear not in answer.text
    if answer.status_code == 200:
        seen = [answer.json()[field] for field in ("name", "phone", "id_card", "address")]
        masked = ["张**", "138****5678", "110101********001X", None]
        assert seen == ([None] * 4 if who == "operator" else masked)


@pytest.mark.parametrize(
    ("who", "reached"),
    [
        ("manager", "15"),
        ("team-lead", "125"),
        ("branch-head", "1235"),
        ("risk", "123456"),
        ("operator", "123456"),
        ("auditor", "123456"),
        ("stranger", ""),
        ("leaver", ""),
        ("key:reader", "123456"),
    ],
)
async def test_a_search_finds_what_is_in_reach_masked_and_is_in_the_audit(
    who: str, reached: str
) -> None:
    office = Office()
    spelt = {"phone": f"+86 {PHONE[:3]} {PHONE[3:7]}-{PHONE[7:]}"}
    answer = await office.ask("POST", "/v1/clients/search", WHO[who](office), json=spelt)
    found = [f"8000000{n}" for n in reached]
    assert [one["account"] for one in answer.json()["accounts"]] == found
    mask = None if who == "operator" else "138****5678"
    assert {one["phone"] for one in answer.json()["accounts"]} <= {mask}
    entry = office.records.trail.newest
    assert (entry.action, entry.outcome) == (
        "clients.searched",
        "granted" if reached else "refused",
    )
    assert entry.fields == tuple(f"account:{account}" for account in found)
    for clear in (NAME, PHONE, ID_CARD):
        assert clear not in answer.text
        assert clear not in f"{entry}"


async def test_a_leavers_client_is_the_successors_and_the_heads() -> None:
    office = Office()
    for staff_id, expected in (("m1", 200), ("t1", 200), ("h1", 200), ("m2", 404), ("t2", 404)):
        answer = await office.get("/v1/accounts/80000005", office.token(staff_id))
        assert (staff_id, answer.status_code) == (staff_id, expected)


async def test_a_client_of_nobody_is_the_companys_alone() -> None:
    office = Office()
    for staff_id, expected in (("m1", 404), ("h1", 404), ("r1", 200), ("o1", 200)):
        answer = await office.get("/v1/accounts/80000006", office.token(staff_id))
        assert (staff_id, answer.status_code) == (staff_id, expected)


async def test_each_role_counts_for_the_rows_that_it_reaches_itself() -> None:
    """A manager who is an operator too: masks on the own clients, nothing on the others."""
    office = Office()
    both = office.token("m1", "manager", "operator")
    own = (await office.get("/v1/accounts/80000001", both)).json()
    other = (await office.get("/v1/accounts/80000004", both)).json()
    assert (own["name"], other["name"]) == ("张**", None)
    revealed = await office.get("/v1/accounts/80000004?reveal=name", both, **REASON)
    assert revealed.status_code == 404


@pytest.mark.parametrize(
    ("break_", "reason"),
    [
        (lambda o: o.issuer.token(exp=1), "the token has expired"),
        (lambda o: o.issuer.token(aud="other"), "the token is for another audience"),
        (lambda o: o.issuer.forged({"alg": "none"}, b""), "the token's algorithm is not allowed"),
        (lambda o: o.issuer.token()[:-8] + "AAAAAAAA", "the token's signature does not hold"),
        (lambda o: (o.key("k"), o.revoke())[0], "the key is revoked"),
        (lambda o: o.key("k", days=-1), "the key is expired"),
        (lambda o: o.key("k") + "x", "the key is unknown"),
        (lambda o: "gck_0123456789ab_secret", "the key is unknown"),
        (lambda o: "push ", "the credential is unknown"),
    ],
)
async def test_a_credential_that_does_not_hold_is_refused_everywhere(
    break_: Who, reason: str
) -> None:
    office = Office()
    credential = break_(office).rstrip(" ") + ("!" if reason.startswith("the cred") else "")
    for method, path in ENDPOINTS.values():
        answer = await office.ask(method, path.format(account="80000001", kind="staff"), credential)
        assert (answer.status_code, answer.json()["detail"]) == (401, reason)


async def test_two_keys_of_one_system_are_valid_while_they_are_exchanged() -> None:
    office = Office()
    old, new = (office.key("feed", Permission.EVENTS_WRITE) for _ in range(2))
    assert [(await office.post([], key)).status_code for key in (old, new)] == [202, 202]


def test_no_system_can_be_given_to_reveal() -> None:
    with pytest.raises(ValueError, match="no system may: clients:reveal"):
        Office().key("x", Permission.CLIENTS_REVEAL)


def test_every_permission_is_somebodys() -> None:
    given = SYSTEM_SCOPES.union(*(office.may for office in OFFICES.values()))
    assert given == set(Permission)
