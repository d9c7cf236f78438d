"""A told alert is in its manager's inbox within seconds, live, and an answer stops its climb."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.embedded.identity import Identity
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from shared.clock import WallClock
from tests.kit.alerts import raised
from tests.kit.eventually import eventually
from tests.kit.notify_process import Stage, Started, fresh, started

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores of this file's own: one consumer group reads the topics."""
    with Stores(tmp_path_factory.mktemp("live"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="module")
def running(own: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(own, tmp_path_factory.mktemp("live"), simulated=False) as one:
        yield one


@pytest.fixture
async def stage(running: Started) -> AsyncIterator[Stage]:
    async with httpx.AsyncClient(timeout=20) as http:
        yield Stage(running.chain, running.notify, running.sandbox, http)


def headers(stage: Stage, who: str) -> dict[str, str]:
    seed = stage.chain.stores.secrets.identity
    token = Identity(seed).token(who, ["manager"], WallClock().now(), timedelta(hours=1))
    return {"Authorization": f"Bearer {token}"}


async def page(stage: Stage, who: str) -> dict[str, Any]:
    url = f"{stage.chain.url('notify')}/v1/inbox"
    found: dict[str, Any] = (await stage.http.get(url, headers=headers(stage, who))).json()
    return found


@asynccontextmanager
async def following(stage: Stage, who: str, **last: str) -> AsyncIterator[AsyncIterator[str]]:
    """Follow somebody's inbox; yields the lines."""
    url = f"{stage.chain.url('notify')}/v1/inbox/events"
    asked = headers(stage, who) | last
    async with stage.http.stream("GET", url, headers=asked) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        assert await anext(lines) == ": following"
        yield lines


async def event(lines: AsyncIterator[str]) -> tuple[str, dict[str, Any]]:
    """Return the next event's id and alert."""
    place = ""
    async with asyncio.timeout(15):
        async for line in lines:
            if line.startswith("id: "):
                place = line[4:]
            if line.startswith("data: "):
                data = line[6:]
            if not line and place:
                return place, json.loads(data)
    raise AssertionError("the stream ended")


async def test_told_live_answered_and_it_climbs_no_further(stage: Stage) -> None:
    (account,) = fresh()
    manager, _ = await stage.people(account)
    alert = raised(account=account)
    path = f"{stage.chain.url('notify')}/v1/alerts/{alert.data.alert_id}"
    async with following(stage, manager) as lines:
        began = asyncio.get_running_loop().time()
        await stage.tell(alert)
        first, told = await event(lines)
        assert asyncio.get_running_loop().time() - began < 10
        assert (told["alert_id"], told["open"]) == (str(alert.data.alert_id), True)
        assert told["account"] == f"***{account[-3:]}"
        assert told["next_step"] is not None
        asked = headers(stage, manager)
        said = await stage.http.post(f"{path}/answers", headers=asked, json={"kind": "contacted"})
        assert said.status_code == 201, said.text
        second, told = await event(lines)
    assert (int(second) > int(first), told["open"], told["next_step"]) == (True, False, None)
    story = (await stage.http.get(path, headers=headers(stage, manager))).json()
    assert [one["kind"] for one in story["answers"]] == ["contacted"]
    async with following(stage, manager, **{"Last-Event-ID": first}) as lines:
        assert (await event(lines))[0] == second
    assert (await page(stage, manager))["place"] >= int(second)


async def test_out_of_reach_nothing_is_seen_of_it(stage: Stage) -> None:
    accounts = fresh(2)
    mine, theirs = [(await stage.people(account))[0] for account in accounts]
    await stage.tell(*(raised(account=account) for account in accounts))
    async with following(stage, theirs, **{"Last-Event-ID": "0"}) as lines:
        _, told = await event(lines)
    assert told["account"] == f"***{accounts[1][-3:]}"
    other = raised(account=accounts[1]).data.alert_id
    path = f"{stage.chain.url('notify')}/v1/alerts/{other}"
    assert (await stage.http.get(path, headers=headers(stage, mine))).status_code == 404


async def test_whoever_follows_does_not_hold_up_the_end(stage: Stage) -> None:
    (account,) = fresh()
    manager, _ = await stage.people(account)
    async with following(stage, manager) as lines:
        began = asyncio.get_running_loop().time()
        await asyncio.to_thread(stage.notify.terminate)
        assert [line async for line in lines if line.startswith("id")] == []
    assert asyncio.get_running_loop().time() - began < 10
    assert stage.notify.exit_code == 0
    stage.notify.start()
    await asyncio.to_thread(stage.notify.wait_ready)

    async def back() -> bool | None:
        return "alerts" in await page(stage, manager) or None

    assert await eventually(back)
