"""Rows of the directory over HTTP: the files' own checks, answered row by row, idempotent."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.ingest.agent.directory import DirectoryPosting, Judgement, Kind
from services.ingest.directory_api import router
from services.ingest.domain.books import StoresAway
from services.ingest.domain.source import Tabular
from services.ingest.domain.sources import catalogue
from shared.kernel.trading_day import CHINA
from shared.web.access import Access, Principal
from shared.web.api_keys import SettingsKey
from shared.web.gate import Authority, secure
from shared.web.organisation import Organisation, OrgTree
from shared.web.permissions import Permission
from tests.kit.ingest import CIPHER, FakeBooks
from tests.kit.ingest_broker import Broker as AnyBroker

ROWS: dict[Kind, dict[str, Any]] = {
    "relations": {
        "account": "80012345",
        "customer_id": "c1",
        "customer_name": "张小明",
        "customer_type": "自然人",
        "manager_id": "m1",
        "等级": "金",
    },
    "staff": {"staff_id": "m1", "name": "王大明", "role": "manager", "mobile": 13812345678},
    "baselines": {"account": 80012345, "opened_on": "2019-03-01", "last_trade_on": None},
    "agreements": {"account": "80012345", "kind": "交返", "ends_on": "2026-06-30"},
}
TYPES = {
    "relations": "customer.changed",
    "staff": "staff.changed",
    "baselines": "account.baselined",
    "agreements": "agreement.recorded",
}
SPOILT: dict[Kind, tuple[dict[str, Any], str, str]] = {
    "relations": ({"customer_name": ""}, "customer_name", "1 to 80 characters expected"),
    "staff": ({"mobile": "12345"}, "mobile", "not a mobile number of 11 digits"),
    "baselines": ({"opened_on": "2026-02-30"}, "opened_on", "not a date: '2026-02-30'"),
    "agreements": ({"ends_on": 1.5}, "ends_on", "text, a whole number or null expected"),
}
HR, PUSH = "hr-system", "push"
kinds = pytest.mark.parametrize("kind", ROWS)


async def nobody() -> OrgTree:
    return Organisation(())


@dataclass
class Site:
    """The endpoint over fake books."""

    books: FakeBooks = field(default_factory=FakeBooks)
    full: bool = False
    told: list[tuple[str, Kind, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = AnyBroker(self.books.open)

    @property
    def app(self) -> FastAPI:
        async def told(access: Access, kind: Kind, judgement: Judgement) -> None:
            self.told.append((access.principal.name, kind, judgement.facts))

        app = FastAPI(docs_url=None, redoc_url=None)
        posting = DirectoryPosting(self.broker.intake)
        app.include_router(router(posting, lambda: self.full, told, self.broker.clock))
        known = [
            SettingsKey("hr", Principal(HR, frozenset({Permission.DIRECTORY_WRITE}))),
            SettingsKey("push", Principal(PUSH, frozenset({Permission.EVENTS_WRITE}))),
        ]
        secure(app, Authority(known, nobody))
        return app

    async def post(self, kind: str, body: Any, key: str = "hr") -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
            return await client.post(f"/v1/directory/{kind}", content=content, headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


@kinds
async def test_a_row_is_told_once_however_often_it_comes(site: Site, kind: Kind) -> None:
    first, again = [await site.post(kind, [ROWS[kind]]) for _ in range(2)]
    assert (first.status_code, first.json()["rows"]) == (200, [{"row": 0, "result": "accepted"}])
    assert (again.status_code, again.json()["rows"]) == (200, [{"row": 0, "result": "unchanged"}])
    [event] = site.books.now.told()
    assert event["type"] == TYPES[kind]
    assert site.told == [(HR, kind, 1), (HR, kind, 0)]


@kinds
async def test_a_bad_row_says_where_and_the_others_are_taken(site: Site, kind: Kind) -> None:
    change, place, reason = SPOILT[kind]
    source = catalogue()[kind]
    assert isinstance(source, Tabular)
    missing = sorted(source.required)[0]
    cut = {name: value for name, value in ROWS[kind].items() if name != missing}
    answer = await site.post(kind, [ROWS[kind] | change, ROWS[kind], cut])
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 1,
        "unchanged": 0,
        "refused": 2,
        "rows": [
            {"row": 0, "result": "refused", "place": place, "reason": reason},
            {"row": 1, "result": "accepted"},
            {"row": 2, "result": "refused", "place": missing, "reason": "missing"},
        ],
    }
    assert len(site.books.now.told()) == 1


@kinds
async def test_a_file_and_a_post_of_the_same_row_are_one(site: Site, kind: Kind) -> None:
    row = {name: "" if value is None else str(value) for name, value in ROWS[kind].items()}
    await site.broker.drop_text(f"{kind}.csv", f"{','.join(row)}\n{','.join(row.values())}\n")
    answer = await site.post(kind, [ROWS[kind]])
    assert answer.json()["unchanged"] == 1
    assert len(site.books.now.told()) == 1


async def test_a_batch_of_bad_rows_is_unprocessable(site: Site) -> None:
    answer = await site.post("staff", [{"staff_id": "m 1"}])
    assert (answer.status_code, answer.json()["refused"]) == (422, 1)
    assert site.books.now.facts == {}


async def test_personal_fields_come_out_sealed_and_tags_masked(site: Site) -> None:
    await site.post("relations", [ROWS["relations"] | {"Phone": "13812345678"}])
    [event] = site.books.now.told("customer.changed")
    assert CIPHER.open(event["data"]["sealed_name"], "customer.name") == "张小明"
    assert event["data"]["tags"] == {"等级": "金", "phone": "138****5678"}


async def test_leavers_hand_over_over_http_as_well(site: Site) -> None:
    await site.post("relations", [ROWS["relations"]])
    people = [ROWS["staff"], {"staff_id": "m2", "name": "李四", "role": "manager"}]
    await site.post("staff", people)
    await site.post("staff", [people[0] | {"successor_id": "m2", "left_on": "2026-05-29"}])
    newest = site.books.now.told("customer.changed")[-1]
    assert newest["data"]["relations"][0]["manager_id"] == "m2"


@pytest.mark.parametrize("body", [b"[1]", b"{}", b"[", b'[{"a": "\xff"}]', b"[[]]"], ids=repr)
async def test_a_body_that_is_no_list_of_rows_is_refused(site: Site, body: bytes) -> None:
    answer = await site.post("staff", body)
    assert (answer.status_code, answer.json()) == (
        400,
        {"detail": "body: a JSON list of objects expected, one a row"},
    )


@pytest.mark.parametrize(
    ("row", "place", "reason"),
    [
        ({"staff_id": "m1", " STAFF_ID ": "m2"}, "staff_id", "twice"),
        ({str(n): "" for n in range(65)}, "row", "more than 64 columns"),
        ({"staff_id": True}, "staff_id", "text, a whole number or null expected"),
        ({"staff_id": ["m1"]}, "staff_id", "text, a whole number or null expected"),
    ],
)
async def test_a_row_that_is_none_says_why(
    site: Site, row: dict[str, Any], place: str, reason: str
) -> None:
    [judged] = (await site.post("staff", [row])).json()["rows"]
    assert (judged["place"], judged["reason"]) == (place, reason)


async def test_too_much_at_once_is_refused(site: Site) -> None:
    assert (await site.post("staff", [{}] * 1001)).status_code == 413
    assert (await site.post("staff", b" " * (1024 * 1024 + 1))).status_code == 413
    site.full = True
    answer = await site.post("staff", [ROWS["staff"]])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert site.books.now.facts == {}


@pytest.mark.parametrize("failure", [StoresAway("gone"), TimeoutError()])
async def test_rows_are_put_off_while_the_database_is_away(site: Site, failure: Exception) -> None:
    site.books.fail = failure
    answer = await site.post("staff", [ROWS["staff"]])
    assert (answer.status_code, site.told) == (503, [])


async def test_past_the_calendar_only_what_needs_a_day_is_refused(site: Site) -> None:
    site.broker.clock.advance(datetime(2027, 3, 1, 9, 0, tzinfo=CHINA))
    assert (await site.post("relations", [ROWS["relations"]])).status_code == 200
    assert (await site.post("baselines", [ROWS["baselines"]])).status_code == 409


@pytest.mark.parametrize(("key", "status"), [("", 401), ("other", 401), ("push", 403)])
async def test_who_may_not_write_the_directory_reads_nothing(
    site: Site, key: str, status: int
) -> None:
    assert (await site.post("staff", [ROWS["staff"]], key)).status_code == status
    assert site.books.now.facts == {}


async def test_another_kind_is_unknown(site: Site) -> None:
    assert (await site.post("customers", [])).status_code == 400
