"""The company's funds by branch: kept for who reaches everything, as long as they are fresh."""

from typing import Any

import pytest

from services.profile.adapters.kept_sums import add_up
from tests.integration.test_profile_access import WHO, Counter, counter
from tests.kit.profile import BROKER, client, relation

__all__ = ["counter"]
pytestmark = pytest.mark.integration
MOVED = client("c-own", 90, relations=[relation("80000001", "m4", "b02")])


async def added_up(counter: Counter) -> bool:
    async with counter.stage.database.begin() as connection:
        return await add_up(connection, BROKER)


async def asked(counter: Counter, who: str = "risk", more: str = "") -> dict[str, Any]:
    answer = await counter.ask(f"/v1/organisation{more}", WHO[who](counter))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def clients(answer: dict[str, Any]) -> dict[str, int]:
    return {row["id"]: row["clients"] for row in answer["rows"]}


async def test_the_company_is_answered_as_it_was_added_up(counter: Counter) -> None:
    live = await asked(counter)
    assert (await added_up(counter), await added_up(counter)) == (True, False)
    kept = await asked(counter)
    assert kept["rows"] == live["rows"]
    await counter.stage.tell(MOVED)
    assert await asked(counter) == kept
    assert clients(await asked(counter, "branch-head")) == {"b01": 2}, "of oneself at once"
    assert await added_up(counter)
    renewed = await asked(counter)
    assert (clients(renewed), renewed["at"] > kept["at"]) == ({"b01": 2, "b02": 2}, True)
    first = await asked(counter, more="?limit=1")
    behind = await asked(counter, more=f"?limit=1&after={first['next']}")
    assert (clients(first), clients(behind)) == ({"b01": 2}, {"b02": 2})


async def test_accounts_of_no_branch_are_counted_too(counter: Counter) -> None:
    await counter.stage.tell(client("c-none", 91, relations=[relation("80000009", "m4")]))
    live = await asked(counter)
    assert await added_up(counter)
    assert (await asked(counter))["rows"] == live["rows"]
    assert "" in clients(live)


async def test_nobody_is_answered_with_what_is_stale(counter: Counter) -> None:
    await added_up(counter)
    await counter.stage.tell(MOVED)
    await counter.stage.write("UPDATE unit_sums_taken SET taken_at = now() - interval '2 minutes'")
    assert clients(await asked(counter)) == {"b01": 2, "b02": 2}


async def test_who_is_blocked_is_not_counted(counter: Counter) -> None:
    await added_up(counter)
    await counter.stage.write(
        "INSERT INTO erasures (broker, customer_id, asked_at, asked_by, reason)"
        " VALUES (:broker, 'c-own', now(), 'r1', 'asked')",
        broker=BROKER,
    )
    assert await added_up(counter)
    assert clients(await asked(counter)) == {"b01": 2, "b02": 1}
