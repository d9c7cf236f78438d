"""Budgets in a real Valkey: exact, shared, counted anew, and missed without harm."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis.asyncio as redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from services.notify.adapters.budgets import GENERATION, PREFIX, Budgets, BudgetsDown, connect
from services.notify.domain.budget import Attempt, Window, free_at, subjects
from services.notify.domain.ledger import Claimed
from shared.contracts.alerts import Urgency
from shared.settings import ValkeySettings
from tests.kit.alerts import MOMENT, POLICY

pytestmark = pytest.mark.integration
SECOND = timedelta(seconds=1)
MINUTE = Window(per="receiver", seconds=60, limit=3, reserve=5)
HOUR = Window(per="receiver", seconds=3600, limit=6)
WINDOWS = {"wecom_app": (MINUTE, HOUR)}


@pytest.fixture
async def valkey(stores: Stores) -> AsyncIterator[redis.Redis]:
    made = connect(ValkeySettings(url=SecretStr(stores.valkey_url.removesuffix("0") + "8")))
    await made.flushdb()
    yield made
    await made.aclose()


def wish(name: str = "", urgency: Urgency = Urgency.MIDDLE, **given: Any) -> Attempt:
    usual = {"broker": "demo", "channel": "wecom_app", "receiver": "m001", "template": "alert"}
    return Attempt(name or uuid4().hex, urgency=urgency, **(usual | given))


class Ledger:
    """What the ledger would say, and how often it was asked."""

    def __init__(self, *made: Attempt) -> None:
        self.made, self.asked = list(made), 0

    async def earlier(self, since: datetime) -> Sequence[Attempt]:
        self.asked += 1
        return [one for one in self.made if one.at is not None and one.at > since]


async def go(budgets: Budgets, count: int, now: datetime, **given: Any) -> list[datetime | None]:
    asked = [wish(**given) for _ in range(count)]
    return list(await budgets.grant(asked, now, Ledger().earlier))


async def test_one_call_grants_as_much_as_the_window_holds(valkey: redis.Redis) -> None:
    budgets = Budgets(valkey, WINDOWS)
    later = MOMENT + 60 * SECOND
    assert await go(budgets, 5, MOMENT) == [None] * 3 + [later] * 2
    assert await go(budgets, 3, MOMENT, urgency=Urgency.HIGH) == [None] * 2 + [later]
    assert await go(budgets, 1, MOMENT, receiver="m002") == [None]
    assert await go(budgets, 1, later - SECOND) == [later]
    hour = MOMENT + timedelta(hours=1)
    assert await go(budgets, 2, later) == [None, hour]


async def test_two_workers_share_one_budget(valkey: redis.Redis) -> None:
    one, other = Budgets(valkey, WINDOWS), Budgets(valkey, WINDOWS)
    assert await go(one, 2, MOMENT) == [None] * 2
    assert await go(other, 2, MOMENT) == [None, MOMENT + 60 * SECOND]


async def test_a_valkey_that_has_forgotten_is_filled_from_the_ledger_first(
    valkey: redis.Redis,
) -> None:
    budgets = Budgets(valkey, WINDOWS)
    assert await go(budgets, 1, MOMENT) == [None]
    await valkey.flushdb()
    ledger = Ledger(
        *(wish(at=MOMENT - n * SECOND) for n in (1, 2, 30)), wish(at=MOMENT - 2 * HOUR.span)
    )
    assert await budgets.grant([wish()], MOMENT, ledger.earlier) == [MOMENT + 30 * SECOND]
    assert ledger.asked == 1
    assert await valkey.exists(GENERATION)
    assert await budgets.grant([wish()], MOMENT, ledger.earlier) == [MOMENT + 30 * SECOND]
    assert ledger.asked == 1


async def test_what_valkey_knows_already_is_counted_once(valkey: redis.Redis) -> None:
    first = wish(at=MOMENT)
    assert await Budgets(valkey, WINDOWS).grant([first], MOMENT, Ledger().earlier) == [None]
    restarted = Budgets(valkey, WINDOWS)
    answers = await restarted.grant([wish(), wish(), wish()], MOMENT, Ledger(first).earlier)
    assert answers == [None, None, MOMENT + 60 * SECOND]


async def test_an_attempt_that_was_not_made_is_given_back(valkey: redis.Redis) -> None:
    budgets = Budgets(valkey, WINDOWS)
    intent = UUID(int=7)
    one = wish(f"{intent.hex}:1")
    assert await budgets.grant([one, wish(), wish()], MOMENT, Ledger().earlier) == [None] * 3
    claimed = Claimed(
        intent_id=intent,
        alert_id=intent,
        revision=1,
        step=1,
        broker="demo",
        account="80012345",
        channel="wecom_app",
        receiver="m001",
        urgency=Urgency.MIDDLE,
        body="",
        attempts=1,
        unsure=0,
        first_at=MOMENT,
        lease=intent,
        counted=subjects(WINDOWS["wecom_app"], one),
    )
    await budgets.give_back(claimed)
    assert await go(budgets, 2, MOMENT) == [None, MOMENT + 60 * SECOND]


async def test_a_clock_set_back_finds_nothing_used_up(valkey: redis.Redis) -> None:
    budgets = Budgets(valkey, WINDOWS)
    assert await go(budgets, 3, MOMENT) == [None] * 3
    assert await go(budgets, 1, MOMENT - timedelta(hours=2)) == [None]


async def test_keys_name_nobody_and_do_not_stay(valkey: redis.Redis) -> None:
    budgets = Budgets(valkey, POLICY.budgets)
    await go(budgets, 1, MOMENT)
    await go(budgets, 1, MOMENT, channel="aliyun_sms")
    keys = {key.decode() async for key in valkey.scan_iter(f"{PREFIX}*")}
    assert keys - {GENERATION} == {
        f"{PREFIX}wecom_app:receiver:demo:m001",
        f"{PREFIX}wecom_app:channel",
        f"{PREFIX}aliyun_sms:template:alert:demo:m001",
    }
    assert all([await valkey.ttl(key) > 0 for key in keys - {GENERATION}])


async def test_without_valkey_it_says_so_and_counts_anew_when_it_is_back(
    valkey: redis.Redis,
) -> None:
    nowhere = connect(ValkeySettings(url=SecretStr(f"redis://127.0.0.1:{Ports.free().valkey}/0")))
    budgets = Budgets(valkey, WINDOWS)
    assert await go(budgets, 1, MOMENT) == [None]
    budgets.valkey = nowhere
    with pytest.raises(BudgetsDown):
        await go(budgets, 1, MOMENT)
    budgets.valkey = valkey
    ledger = Ledger(wish(at=MOMENT), wish(at=MOMENT))
    assert await budgets.grant([wish()], MOMENT, ledger.earlier) == [MOMENT + 60 * SECOND]
    await nowhere.aclose()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.integers(-5, 40), st.sampled_from([Urgency.HIGH, Urgency.LOW])), max_size=40
    )
)
async def test_the_script_and_the_domain_say_the_same(
    valkey: redis.Redis, steps: list[tuple[int, Urgency]]
) -> None:
    """One is the other's oracle, the clock set back now and then."""
    budgets, now, receiver = Budgets(valkey, WINDOWS), MOMENT, uuid4().hex
    sent: list[datetime] = []
    for seconds, urgency in steps:
        now += seconds * SECOND
        (answer,) = await go(budgets, 1, now, receiver=receiver, urgency=urgency)
        expected = [free_at(w, urgency, sent, now) for w in WINDOWS["wecom_app"]]
        assert answer == max((at for at in expected if at), default=None)
        if answer is None:
            sent.append(now)
