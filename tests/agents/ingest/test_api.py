"""The HTTP side: who may post, what is too much, what is answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.ingest.agent.posting import Posting, Receipt
from services.ingest.api import Door, create_api
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import StoresAway
from shared.kernel.trading_day import china
from tests.kit.ingest import BROKER, FakeBooks, withdrew

BATCH, SINGLE = "application/cloudevents-batch+json", "application/cloudevents+json"


@dataclass
class Site:
    """An API over fake books."""

    books: FakeBooks = field(default_factory=FakeBooks)
    full: bool = False
    stored: list[Receipt] = field(default_factory=list)

    @property
    def app(self) -> FastAPI:
        posting = Posting(Gate(BROKER, china(), ticks=False), self.books.open)
        return create_api(posting, Door(SecretStr("key"), lambda: self.full, self.stored.append))

    async def post(
        self, body: Any, key: str | None = "key", kind: str = BATCH, **headers: str
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        headers["Content-Type"] = kind
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
            return await client.post("/v1/events", content=content, headers=headers)


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_batch_is_accepted_and_the_bad_event_named(site: Site) -> None:
    answer = await site.post([withdrew("1", "a"), withdrew("1", "a"), withdrew(1.5, "b")])
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 1,
        "refused": [
            {
                "index": 2,
                "id": "withdrawal/b",
                "place": "data.amount",
                "reason": "a float is not exact: write it as a string",
            }
        ],
    }
    assert [receipt.accepted for receipt in site.stored] == [1]


async def test_a_single_event_and_an_empty_batch_are_accepted(site: Site) -> None:
    assert (await site.post(withdrew("1"), kind=SINGLE)).json()["accepted"] == 1
    assert (await site.post([])).status_code == 202


async def test_a_batch_without_a_good_event_is_unprocessable(site: Site) -> None:
    answer = await site.post([withdrew("x")])
    assert (answer.status_code, answer.json()["refused"][0]["index"]) == (422, 0)


async def test_duplicates_beside_bad_events_are_no_failure(site: Site) -> None:
    await site.post([withdrew("1")])
    assert (await site.post([withdrew("1"), withdrew("x")])).status_code == 202


@pytest.mark.parametrize("key", [None, "", "other", "key2"])
async def test_without_the_push_key_nothing_is_read(site: Site, key: str | None) -> None:
    answer = await site.post([withdrew("1")], key=key)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert site.books.now.facts == {}


async def test_another_content_type_is_refused(site: Site) -> None:
    assert (await site.post([withdrew("1")], kind="application/json")).status_code == 415


async def test_a_body_that_is_no_json_names_the_place_and_is_buried(site: Site) -> None:
    answer = await site.post(b'[{"id": "a",]')
    assert answer.status_code == 400
    assert "byte 12" in answer.json()["detail"]
    assert len(site.books.now.letters()) == 1


async def test_an_oversized_body_is_refused_whether_declared_or_not(site: Site) -> None:
    large = b" " * (1024 * 1024 + 1)
    assert (await site.post(large)).status_code == 413
    assert (await site.post(large, **{"Content-Length": "5"})).status_code == 413
    assert (await site.post(b"[" + b" " * (1024 * 1024 - 2) + b"]")).status_code == 202


async def test_too_many_events_are_refused(site: Site) -> None:
    assert (await site.post([{}] * 1001)).status_code == 413
    assert site.books.now.facts == {}


async def test_posts_are_put_off_while_too_much_waits(site: Site) -> None:
    site.full = True
    answer = await site.post([withdrew("1")])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")


@pytest.mark.parametrize("failure", [StoresAway("gone"), TimeoutError()])
async def test_posts_are_put_off_while_the_database_is_away(site: Site, failure: Exception) -> None:
    site.books.fail = failure
    answer = await site.post([withdrew("1")])
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert site.stored == []


def test_the_api_describes_itself(site: Site) -> None:
    operation: Callable[[], dict[str, Any]] = site.app.openapi
    described = operation()["paths"]["/v1/events"]["post"]
    assert set(described["responses"]) >= {"202", "400", "401", "413", "415", "422", "429", "503"}
    assert described["security"] == [{"push_key": []}]
