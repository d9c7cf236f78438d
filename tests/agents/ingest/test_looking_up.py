"""What people look up: masked or revealed for a reason, in pages, and always in the audit."""

import base64
import json
from datetime import date, timedelta

import pytest

from services.ingest.domain.books import StoresAway
from services.ingest.domain.records import FilePlace, TakenFile
from shared.crypto import FieldCipher
from shared.kernel.audit import GENESIS, Entry, Head, follow
from tests.kit.ingest import BLIND, CIPHER
from tests.kit.issuer import NOW
from tests.kit.office import NAME, PHONE, Office

REASON = {"X-Reveal-Reason": "%E5%AE%A2%E6%88%B7%E6%9D%A5%E7%94%B5"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
ACCOUNT = "/v1/accounts/80000001"


@pytest.fixture
def office() -> Office:
    return Office()


async def test_a_field_is_revealed_for_a_reason_and_the_audit_says_so(office: Office) -> None:
    trace = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    address = f"{ACCOUNT}?reveal=phone&reveal=name"
    answer = await office.get(address, office.token("m1"), **REASON, **trace)
    seen = answer.json()
    assert (seen["name"], seen["phone"]) == (NAME, PHONE)
    assert seen["id_card"] == "110101********001X"
    assert office.records.trail.newest == Entry(
        at=NOW,
        actor="m1",
        roles=("manager",),
        action="account.revealed",
        subject="80000001",
        trace_id=TRACE,
        fields=("customer.name", "customer.phone"),
        reason="客户来电",
    )


async def test_a_plain_look_is_in_the_audit_too_and_so_is_a_refused_one(office: Office) -> None:
    for account in ("80000001", "80000004", "99999999"):
        await office.get(f"/v1/accounts/{account}", office.token("m1"))
    told = [(e.action, e.subject, e.outcome) for _, e, _ in office.records.trail.links]
    assert told == [
        ("account.read", "80000001", "granted"),
        ("account.read", "80000004", "refused"),
        ("account.read", "99999999", "refused"),
    ]
    assert all(len(entry.trace_id) == 32 for _, entry, _ in office.records.trail.links)


async def test_a_wish_to_reveal_without_the_permission_is_in_the_audit(office: Office) -> None:
    address = f"{ACCOUNT}?reveal=phone"
    answer = await office.get(address, office.token("a1", "auditor"), **REASON)
    assert answer.status_code == 403
    entry = office.records.trail.newest
    assert (entry.action, entry.outcome) == ("account.revealed", "refused")
    assert (entry.fields, entry.reason) == (("customer.phone",), "客户来电")


@pytest.mark.parametrize(
    ("query", "reason", "says"),
    [
        ("reveal=name", "", "X-Reveal-Reason: 4 to 200 characters are needed"),
        ("reveal=name", "abc", "X-Reveal-Reason: 4 to 200 characters are needed"),
        ("reveal=name", "x" * 201, "X-Reveal-Reason: 4 to 200 characters are needed"),
        ("reveal=name", "call%00back", "X-Reveal-Reason: write plain text"),
        ("reveal=name", "call 13812345678", "X-Reveal-Reason: write no phone, card or account"),
        ("reveal=birthday", "a good reason", "nothing to reveal: birthday"),
    ],
)
async def test_a_wish_without_a_good_reason_shows_nothing(
    office: Office, query: str, reason: str, says: str
) -> None:
    told = {"X-Reveal-Reason": reason} if reason else {}
    answer = await office.get(f"{ACCOUNT}?{query}", office.token("m1"), **told)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(says)
    assert office.records.trail.links == []


@pytest.mark.parametrize(
    "body", [{"phone": "13812"}, {"phone": "x" * 61}, {}, {"phone": PHONE, "name": NAME}, []]
)
async def test_a_search_without_a_phone_finds_nothing_and_quotes_nothing(
    office: Office, body: object
) -> None:
    answer = await office.ask("POST", "/v1/clients/search", office.token("m1"), json=body)
    assert answer.status_code == 400
    assert not any(clear in answer.text for clear in (PHONE, NAME, "xxx"))
    assert office.records.trail.links == []


async def test_a_search_that_nobody_answers_to_is_in_the_audit_as_well(office: Office) -> None:
    body = {"phone": "13900000000"}
    answer = await office.ask("POST", "/v1/clients/search", office.token("r1"), json=body)
    assert (answer.status_code, answer.json()) == (200, {"accounts": []})
    entry = office.records.trail.newest
    assert (entry.actor, entry.outcome, entry.fields) == ("r1", "refused", ())
    assert entry.subject == f"phone:{BLIND.entry('phone', '13900000000')}"


async def test_without_an_index_key_nothing_can_be_found() -> None:
    office = Office(blind=None)
    body = {"phone": PHONE}
    answer = await office.ask("POST", "/v1/clients/search", office.token("r1"), json=body)
    assert (answer.status_code, "INGEST_INDEX_KEYS" in answer.text) == (409, True)


async def test_a_search_that_cannot_be_audited_is_not_answered(office: Office) -> None:
    office.records.trail.fail = StoresAway("gone")
    body = {"phone": PHONE}
    answer = await office.ask("POST", "/v1/clients/search", office.token("m1"), json=body)
    assert answer.status_code == 503


@pytest.mark.parametrize("path", [ACCOUNT, f"{ACCOUNT}?reveal=name", "/v1/audit"])
async def test_what_cannot_be_audited_is_not_answered(office: Office, path: str) -> None:
    office.records.trail.fail = StoresAway("gone")
    answer = await office.get(path, office.token("m1", "manager", "auditor"), **REASON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json() == {"detail": "the database is away"}


async def test_a_value_sealed_by_a_lost_key_is_said_to_be_so_and_not_guessed() -> None:
    office = Office()
    lost = FieldCipher({"gone": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    clients = office.records.clients
    name = lost.seal(NAME, "customer.name")
    clients["80000001"] = clients["80000001"].model_copy(update={"sealed_name": name})
    answer = await office.get(ACCOUNT, office.token("m1"))
    assert answer.status_code == 500
    assert answer.json() == {"detail": "a field was sealed by a key that is not configured"}
    assert CIPHER.open(clients["80000002"].sealed_name, "customer.name") == NAME


def taken(n: int, kind: str = "cusfund") -> TakenFile:
    place = FilePlace(NOW + timedelta(minutes=n // 2), kind, str(date(2026, 6, 1)), n)
    return TakenFile(place, f"{kind}-{n}.txt", date(2026, 6, 1), n, 0)


async def test_files_come_in_pages_that_hold_still_while_more_come(office: Office) -> None:
    office.records.taken = [taken(n) for n in range(5)]
    operator, seen, after = office.token("o1"), [], ""
    for limit in (2, 2, 2):
        answer = (await office.get(f"/v1/files?limit={limit}{after}", operator)).json()
        seen += [file["version"] for file in answer["files"]]
        after = f"&after={answer['next']}"
        office.records.taken.append(taken(10 + limit))
    assert (seen, answer["next"]) == ([4, 3, 2, 1, 0], None)
    assert (await office.get("/v1/files?kind=staff", operator)).json()["files"] == []


async def test_a_statements_account_is_in_no_list_of_files_and_at_no_pages_end(
    office: Office,
) -> None:
    name = "80012345_20260601.txt"
    place = FilePlace(NOW, "statement", name, 1)
    office.records.taken = [TakenFile(place, name, date(2026, 6, 1), 1, 0)]
    page = (await office.get("/v1/files?limit=1", office.token("o1"))).json()
    [file] = page["files"]
    assert (file["name"], file["scope"]) == ("***345_20260601.txt", "***345_20260601.txt")
    body = page["next"].partition(".")[2]
    assert b"80012345" not in base64.urlsafe_b64decode(body)
    behind = await office.get(f"/v1/files?after={page['next']}", office.token("o1"))
    assert behind.json() == {"files": [], "next": None}


AT = "2026-06-01T00:00:00Z"
FORGED = [
    base64.urlsafe_b64encode(json.dumps([AT, "cusfund", scope, version]).encode()).decode()
    for scope, version in (("a\0b", 1), ("a", 10**30), ("a", -1))
]


@pytest.mark.parametrize("after", ["", "x", "W10=", "%00", "bnVsbA==", "5byg", *FORGED])
async def test_a_place_that_no_page_gave_is_refused(office: Office, after: str) -> None:
    answer = await office.get(f"/v1/files?after={after}", office.token("o1"))
    assert answer.status_code == 400


async def test_the_audit_is_read_in_pages_and_its_reading_is_in_it(office: Office) -> None:
    for _ in range(3):
        await office.get(ACCOUNT, office.token("m1"))
    auditor = office.token("a1")
    first = (await office.get("/v1/audit?limit=2", auditor)).json()
    assert [entry["n"] for entry in first["entries"]] == [3, 2]
    second = (await office.get(f"/v1/audit?limit=2&before={first['next']}", auditor)).json()
    assert ([entry["n"] for entry in second["entries"]], second["next"]) == ([1], None)
    own = (await office.get("/v1/audit?actor=a1", auditor)).json()["entries"]
    assert [(entry["action"], entry["subject"]) for entry in own] == [("audit.read", "all")] * 2
    assert isinstance(follow(office.records.trail.links, Head(0, GENESIS)), Head)


async def test_a_parameter_that_is_wrong_is_named_and_not_sent_back(office: Office) -> None:
    answer = await office.get("/v1/accounts/13812345678%20x", office.token("m1"))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("path.account: ")
    assert PHONE not in answer.text


async def test_every_answer_has_the_headers_that_keep_it_private(office: Office) -> None:
    for answer in (
        await office.get(ACCOUNT, office.token("m1")),
        await office.get(ACCOUNT),
        await office.get("/nowhere"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_people_are_read_once_in_a_few_seconds(office: Office) -> None:
    office.records.staff = [one for one in office.records.staff if one.staff_id != "m1"]
    assert (await office.get(ACCOUNT, office.token("m1"))).status_code == 404
    asked = 0

    async def people() -> list[object]:
        nonlocal asked
        asked += 1
        return []

    fresh = Office()
    fresh.records.people = people  # type: ignore[method-assign,assignment]
    assert (await fresh.post([])).status_code == 202
    assert asked == 0
    for _ in range(5):
        await fresh.get(ACCOUNT, fresh.token("r1"))
    assert asked == 1


async def test_a_change_of_the_directory_is_in_the_audit_and_wakes_the_relay(
    office: Office,
) -> None:
    row = {"staff_id": "m7", "name": "李四", "role": "manager"}
    rows = [row, {"staff_id": "m8"}]
    answer = await office.ask("POST", "/v1/directory/staff", office.token("o1"), json=rows)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    [newest] = office.books.now.audit
    assert (newest.actor, newest.action, newest.subject) == ("o1", "directory.changed", "staff")
    assert newest.fields == ("accepted:1", "unchanged:0", "refused:1")
    assert [receipt.accepted for receipt in office.stored] == [1]
