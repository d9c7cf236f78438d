"""Kept segments and stars: whose they are, who sees them, and that each sees the own clients."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.profile.adapters import erasures
from tests.integration.test_profile_access import Counter, counter
from tests.kit.profile import BROKER

__all__ = ["counter"]
pytestmark = pytest.mark.integration
SAVED = "/v1/saved-segments"
KNOWN = {"field": "equity", "operator": "known", "value": True}
EVERYBODY = {"or": [KNOWN, {"not": KNOWN}]}


async def save(counter: Counter, who: str, **told: Any) -> httpx.Response:
    return await counter.ask(SAVED, counter.token(who), "POST", json=told)


async def seen(counter: Counter, path: str, who: str) -> list[str]:
    answer = await counter.ask(path, counter.token(who))
    assert answer.status_code == 200, answer.text
    return [row["customer_id"] for row in answer.json()["rows"]]


async def test_a_shared_segment_shows_each_reader_the_own_clients(counter: Counter) -> None:
    answer = await save(counter, "r1", name="everybody", shared=True, condition=EVERYBODY)
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["own"], kept["listed"], kept["condition"]) == (True, None, EVERYBODY)
    members = f"{SAVED}/{kept['segment']}/clients"
    assert await seen(counter, members, "m1") == ["c-own"]
    assert await seen(counter, members, "r1") == ["c-own", "c-team", "c-branch", "c-company"]
    (told,) = (await counter.ask(SAVED, counter.token("m1"))).json()["rows"]
    assert (told["owner"], told["own"], told["segment"]) == ("r1", False, kept["segment"])
    mine = (await save(counter, "m1", name="mine", condition=KNOWN)).json()["segment"]
    theirs = f"{SAVED}/{mine}/clients"
    assert (await counter.ask(theirs, counter.token("r1"))).status_code == 404
    first = (await counter.ask(f"{SAVED}?limit=1", counter.token("m1"))).json()
    behind = await counter.ask(f"{SAVED}?after={first['next']}", counter.token("m1"))
    assert {r["segment"] for r in [*first["rows"], *behind.json()["rows"]]} == {
        mine,
        kept["segment"],
    }


async def test_only_the_owner_changes_and_deletes(counter: Counter) -> None:
    segment = (await save(counter, "m1", name="a", shared=True, condition=KNOWN)).json()["segment"]
    path, owner, other = f"{SAVED}/{segment}", counter.token("m1"), counter.token("r1")
    assert (await save(counter, "m1", name="b", condition=KNOWN)).status_code == 201
    assert (await save(counter, "m1", name="a", condition=KNOWN)).status_code == 409
    changed = {"name": "c", "clients": ["c-own"]}
    for credential, body, status in (
        (other, changed, 404),
        (owner, {**changed, "name": "b"}, 409),
        (owner, changed, 200),
    ):
        answer = await counter.ask(path, credential, "PUT", json=body)
        assert answer.status_code == status, answer.text
    assert (answer.json()["listed"], answer.json()["shared"]) == (1, False)
    assert (await counter.ask(path, other, "DELETE")).status_code == 404
    assert (await counter.ask(path, owner, "DELETE")).status_code == 204
    assert (await counter.ask(f"{path}/clients", owner)).status_code == 404
    looks = await counter.stage.rows(
        "SELECT outcome FROM audit WHERE action LIKE 'saved-%' ORDER BY n"
    )
    assert [row["outcome"] == "refused" for row in looks].count(True) == 5


async def test_a_name_is_kept_once_whoever_comes_first(counter: Counter) -> None:
    both = await asyncio.gather(*(save(counter, "m1", name="x", condition=KNOWN) for _ in "12"))
    assert sorted(answer.status_code for answer in both) == [201, 409]


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "either condition or clients"),
    ({"condition": KNOWN, "clients": ["c-own"]}, "either condition or clients"),
    ({"condition": {**KNOWN, "field": "wealth"}}, "body.condition.field"),
    ({"clients": ["c-own", "c-company", "c-none"]}, "clients.1, clients.2: "),
    ({"clients": ["c-own"], "name": "a\nb"}, "body.name"),
)


async def test_what_cannot_be_kept_says_where(counter: Counter) -> None:
    for told, said in WRONG:
        answer = await save(counter, "m1", **{"name": "a", **told})
        assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text
    assert (await counter.ask(SAVED, counter.token("m1"))).json()["rows"] == []


async def test_stars_are_each_persons_own_and_go_with_the_client(counter: Counter) -> None:
    for who, client, method, status in (
        ("t1", "c-team", "PUT", 204),
        ("t1", "c-team", "PUT", 204),
        ("t1", "c-own", "PUT", 204),
        ("m1", "c-own", "PUT", 204),
        ("t1", "c-own", "DELETE", 204),
        ("m1", "c-team", "PUT", 404),
    ):
        answer = await counter.ask(f"/v1/stars/{client}", counter.token(who), method)
        assert answer.status_code == status, (who, client)
    assert await seen(counter, "/v1/stars", "t1") == ["c-team"]
    assert await seen(counter, "/v1/stars", "m1") == ["c-own"]
    listed = await save(counter, "m1", name="list", clients=["c-own"])
    async with counter.stage.database.begin() as connection:
        await erasures.delete(connection, BROKER, "c-own", counter.clock.now() + timedelta(days=1))
    assert await seen(counter, "/v1/stars", "m1") == []
    assert await counter.stage.rows("SELECT customer_id FROM segment_clients") == []
    assert listed.status_code == 201
