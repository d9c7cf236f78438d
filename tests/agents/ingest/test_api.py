"""The HTTP side: who may post, what is too much, what is answered."""

from collections.abc import Callable
from typing import Any

import pytest

from services.ingest.domain.books import StoresAway
from tests.kit.ingest import withdrew
from tests.kit.office import Office

SINGLE = "application/cloudevents+json"


@pytest.fixture
def site() -> Office:
    return Office()


async def test_a_batch_is_accepted_and_the_bad_event_named(site: Office) -> None:
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


async def test_a_single_event_and_an_empty_batch_are_accepted(site: Office) -> None:
    assert (await site.post(withdrew("1"), **{"Content-Type": SINGLE})).json()["accepted"] == 1
    assert (await site.post([])).status_code == 202


async def test_a_batch_without_a_good_event_is_unprocessable(site: Office) -> None:
    answer = await site.post([withdrew("x")])
    assert (answer.status_code, answer.json()["refused"][0]["index"]) == (422, 0)


async def test_duplicates_beside_bad_events_are_no_failure(site: Office) -> None:
    await site.post([withdrew("1")])
    assert (await site.post([withdrew("1"), withdrew("x")])).status_code == 202


async def test_without_a_credential_nothing_is_read(site: Office) -> None:
    answer = await site.post([withdrew("1")], "")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert site.books.now.facts == {}


@pytest.mark.parametrize("key", ["other", "push2", "pus", "gck_1_2", "a.b.c"])
async def test_with_another_credential_nothing_is_read(site: Office, key: str) -> None:
    answer = await site.post([withdrew("1")], key)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    assert site.books.now.facts == {}


async def test_another_content_type_is_refused(site: Office) -> None:
    assert (
        await site.post([withdrew("1")], **{"Content-Type": "application/json"})
    ).status_code == 415


async def test_a_body_that_is_no_json_names_the_place_and_is_buried(site: Office) -> None:
    answer = await site.post(b'[{"id": "a",]')
    assert answer.status_code == 400
    assert "byte 12" in answer.json()["detail"]
    assert len(site.books.now.letters()) == 1


async def test_an_oversized_body_is_refused_whether_declared_or_not(site: Office) -> None:
    large = b" " * (1024 * 1024 + 1)
    assert (await site.post(large)).status_code == 413
    assert (await site.post(large, **{"Content-Length": "5"})).status_code == 413
    assert (await site.post(b"[" + b" " * (1024 * 1024 - 2) + b"]")).status_code == 202


async def test_too_many_events_are_refused(site: Office) -> None:
    assert (await site.post([{}] * 1001)).status_code == 413
    assert site.books.now.facts == {}


async def test_posts_are_put_off_while_too_much_waits(site: Office) -> None:
    site.full = True
    answer = await site.post([withdrew("1")])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")


@pytest.mark.parametrize("failure", [StoresAway("gone"), TimeoutError()])
async def test_posts_are_put_off_while_the_database_is_away(
    site: Office, failure: Exception
) -> None:
    site.books.fail = failure
    answer = await site.post([withdrew("1")])
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert site.stored == []


def test_the_api_describes_itself(site: Office) -> None:
    operation: Callable[[], dict[str, Any]] = site.app.openapi
    described = operation()["paths"]["/v1/events"]["post"]
    assert set(described["responses"]) >= {
        "202",
        "400",
        "401",
        "403",
        "413",
        "415",
        "422",
        "429",
        "503",
    }
    assert described["security"] == [{"bearer": []}]
