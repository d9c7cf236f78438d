"""The repeat interval beside digests and climbs, over a real PostgreSQL. The product has it off."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import climbs
from services.notify.policy import read_policy
from shared.contracts.alerts import AlertEvent
from tests.kit.alerts import ACCOUNT, MOMENT, customer_changed, raised, withdrawn
from tests.kit.notify_ledger import Stage, ledger_stage, manager

pytestmark = pytest.mark.integration
MINUTE = timedelta(minutes=1)
OTHERS = [f"8001{n:04d}" for n in range(25)]


def usage(episode: str = "2026-06-01", **given: Any) -> AlertEvent:
    usual: dict[str, Any] = {"rule": "margin_usage", "urgency": "middle", "episode": episode}
    return raised(**(usual | given))


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    """With an interval of thirty minutes for 保证金占用: see ``tests.kit.alerts``."""
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), customer_changed("c1", accounts=[ACCOUNT, *OTHERS]))
        yield made


async def fates(stage: Stage) -> list[str]:
    """Return what was decided of the account's revisions."""
    d, a = t.decisions.c, t.alerts.c
    query = select(t.decisions).join(t.alerts, a.alert_id == d.alert_id)
    rows = await stage.rows(query.where(a.account == ACCOUNT).order_by(d.number))
    return [f"{row.decision} {row.reason}" for row in rows]


async def open_climbs(stage: Stage) -> list[Any]:
    return [
        row.alert_id for row in await stage.rows(select(climbs).where(climbs.c.ended.is_(None)))
    ]


def test_the_product_has_none() -> None:
    assert read_policy().repeat_minutes == {}


async def test_what_was_merged_into_a_digest_was_told(stage: Stage) -> None:
    await stage.hear(*(raised(account=name, urgency="middle") for name in OTHERS))
    await stage.queue.claim(1000)  # the member's 20 of this minute
    await stage.hear(usage())
    await stage.queue.claim(1000)
    stage.clock.advance(MOMENT + MINUTE)
    assert await stage.merger.merge_due()
    assert await fates(stage) == ["send manager", "merge budget"]
    stage.clock.advance(MOMENT + 29 * MINUTE)
    await stage.hear(usage("later"))
    assert (await fates(stage))[-1] == "suppress repeat-interval"
    stage.clock.advance(MOMENT + 30 * MINUTE)  # from the one told: the other prolonged nothing
    await stage.hear(usage("later still"))
    assert (await fates(stage))[-1] == "send manager"


async def test_a_repeat_does_not_climb_and_stops_no_climb(stage: Stage) -> None:
    first = usage()
    await stage.hear(first)
    await stage.hear(usage("later"))
    assert await open_climbs(stage) == [first.data.alert_id]
    graver = usage("graver", urgency="high")
    await stage.hear(graver)
    assert set(await open_climbs(stage)) == {first.data.alert_id, graver.data.alert_id}


async def test_what_was_withdrawn_counts_as_never_told(stage: Stage) -> None:
    await stage.hear(usage(), withdrawn(2, rule="margin_usage", urgency="middle"))
    await stage.hear(usage("again"))
    assert (await fates(stage))[-1] == "send manager"
