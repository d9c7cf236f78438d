"""Digests on a real PostgreSQL: what exceeds a budget is one message, and nothing is lost by it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify import digest_page
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import outbox
from services.notify.domain.ledger import Claimed
from services.notify.domain.outcome import Rejected, Retry, Sent
from shared.contracts.deliveries import DELIVERIES, DeliveryEnded
from tests.kit.alerts import MOMENT, customer_changed, raised, staff_changed, updated, withdrawn
from tests.kit.notify_ledger import SIGNER, Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MIDDLE: dict[str, Any] = {"urgency": "middle"}


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        yield made


def accounts(count: int) -> list[str]:
    return [f"8001{n:04d}" for n in range(count)]


async def flood(stage: Stage, count: int = 50) -> list[Claimed]:
    """Raise one alert of each of ``count`` accounts of one manager; claim what the budget lets."""
    await stage.learn(manager(), desk(), customer_changed("c1", accounts=accounts(count)))
    await stage.hear(*(raised(account=name, **MIDDLE) for name in accounts(count)))
    return list(await stage.queue.claim(1000))


async def states(stage: Stage) -> Counter[str]:
    return Counter(row.state for row in await stage.rows(select(t.intents.c.state)))


async def the_digest(stage: Stage) -> Any:
    (row,) = await stage.rows(select(t.intents).where(t.intents.c.revision == 0))
    return row


async def test_what_exceeds_the_budget_becomes_one_message(stage: Stage) -> None:
    for claim in await flood(stage):
        await stage.teller.conclude(claim, Sent("m"))
    stage.clock.advance(MOMENT + MINUTE - SECOND)
    assert not await stage.merger.merge_due()
    stage.clock.advance(MOMENT + MINUTE)
    assert await stage.merger.merge_due()
    assert not await stage.merger.merge_due()
    assert await states(stage) == {"sent": 20, "merged": 30, "pending": 1}
    assert await stage.records.counts() == (0, 1)

    (claim,) = await stage.queue.claim(1000)
    assert (claim.receiver, claim.channel, claim.urgency) == ("m001", "wecom_app", "middle")
    assert "30条提醒（摘要）" in claim.body
    assert "30个账户" in claim.body
    await stage.teller.conclude(claim, Sent("m"))
    assert await states(stage) == {"sent": 21, "merged": 30}
    rows = await stage.rows(select(t.decisions.c.reason).where(t.decisions.c.decision == "merge"))
    assert [row.reason for row in rows] == ["budget"] * 30
    ends = [DELIVERIES.validate_json(r.event) for r in await stage.rows(select(outbox.c.event))]
    assert Counter(e.data.end for e in ends if isinstance(e, DeliveryEnded)) == {"sent": 50}
    assert len({e.data.intent_id for e in ends}) == 50
    merged = select(t.intents.c.merged_into).where(t.intents.c.state == "merged")
    assert {row.merged_into for row in await stage.rows(merged)} == {claim.intent_id}


async def test_the_page_behind_it_names_every_alert(stage: Stage) -> None:
    await flood(stage, 25)
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    digest = str((await the_digest(stage)).intent_id)
    app = FastAPI()
    app.include_router(digest_page.router(stage.digests, SIGNER))
    links = SIGNER.digest(digest, "m001")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=SIGNER.base) as client:
        shown = await client.get(links.view)
        assert shown.status_code == 200
        assert shown.text.count("大额出金 张**尾号") == 5
        for name in accounts(25)[20:]:
            assert str(raised(account=name).data.alert_id) in shown.text
            assert name not in shown.text
        assert "script" not in shown.text
        forged = links.view.replace("to=m001", "to=m002")
        assert (await client.get(forged)).status_code == 403
        other = SIGNER.digest(digest, "m002").view
        assert (await client.get(other)).status_code == 404


async def test_a_digest_keeps_its_body_on_every_retry(stage: Stage) -> None:
    await flood(stage)
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    (first,) = [c for c in await stage.queue.claim(1000) if c.revision == 0]
    await stage.teller.conclude(first, Retry("http-503"))
    async with stage.database.begin() as connection:
        await connection.execute(t.intents.update().values(wall_retry=None))
    (again,) = [c for c in await stage.queue.claim(1000) if c.revision == 0]
    assert (again.intent_id, again.body, again.attempts) == (first.intent_id, first.body, 2)


async def test_the_urgent_waits_behind_no_digest_and_is_in_none(stage: Stage) -> None:
    await flood(stage)
    await stage.hear(raised(account=accounts(1)[0], episode="2026-06-09"))
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    claims = await stage.queue.claim(1000)
    assert {(c.urgency, c.channel) for c in claims if c.revision} == {("high", "aliyun_sms")}
    urgent = [line for line in await stage.intents() if "wecom_app" in line][:1]
    assert urgent == ["1 m001 wecom_app 1 sending"]  # its own account's message is under way
    for claim in claims:
        await stage.teller.conclude(claim, Sent("m"))


async def test_what_comes_after_a_digest_goes_after_it(stage: Stage) -> None:
    for claim in await flood(stage):
        await stage.teller.conclude(claim, Sent("m"))
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    await stage.hear(updated(2, account=accounts(50)[49], **MIDDLE))
    (digest,) = await stage.queue.claim(1000)
    assert digest.revision == 0
    assert not await stage.queue.claim(1000)
    await stage.teller.conclude(digest, Sent("m"))
    assert [c.revision for c in await stage.queue.claim(1000)] == [2]


async def test_several_of_one_account_stay_in_order_in_it(stage: Stage) -> None:
    await flood(stage, 21)
    last = accounts(21)[20]
    await stage.hear(updated(2, account=last, **MIDDLE), withdrawn(3, account=last, **MIDDLE))
    stage.clock.advance(MOMENT + MINUTE)
    assert await stage.merger.merge_due()
    named = await stage.digests.read((await the_digest(stage)).intent_id, "m001")
    assert [item.event.data.revision for item in named] == [1, 2, 3]


async def test_nothing_passes_a_message_of_its_account_that_is_under_way(stage: Stage) -> None:
    claims = await flood(stage, 30)
    busy = next(
        row.account for row in await stage.rows(select(t.intents)) if row.state == "sending"
    )
    await stage.hear(updated(2, account=busy, **MIDDLE))
    stage.clock.advance(MOMENT + MINUTE)
    assert await stage.merger.merge_due()
    assert (await states(stage))["merged"] == 10
    assert "2 m001 wecom_app 1 pending" in await stage.intents()
    assert len(claims) == 20


async def test_one_alone_is_no_digest(stage: Stage) -> None:
    await flood(stage, 21)
    stage.clock.advance(MOMENT + MINUTE)
    assert not await stage.merger.merge_due()
    assert (await states(stage))["merged"] == 0


async def test_a_digest_that_is_rejected_brings_each_of_its_alerts_to_the_desk(
    stage: Stage,
) -> None:
    for claim in await flood(stage, 24):
        await stage.teller.conclude(claim, Sent("m"))
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    (digest,) = await stage.queue.claim(1000)
    await stage.teller.conclude(digest, Rejected("errcode-60111"))
    second = [line for line in await stage.intents() if " r001 " in line]
    assert second == ["1 r001 wecom_app 2 pending"] * 4
    rows = await stage.rows(select(t.decisions.c.reason).where(t.decisions.c.step == 2))
    assert [row.reason for row in rows] == ["nobody-reached"] * 4


async def test_two_workers_never_merge_the_same(stage: Stage) -> None:
    await flood(stage, 120)
    stage.clock.advance(MOMENT + MINUTE)
    await asyncio.gather(*(stage.merger.merge_due() for _ in range(4)))
    assert (await states(stage))["merged"] == 100
    merged = await stage.rows(select(t.intents.c.merged_into).where(t.intents.c.state == "merged"))
    digests = {row.intent_id for row in await stage.rows(select(t.intents)) if row.revision == 0}
    assert {row.merged_into for row in merged} == digests


async def test_each_receiver_has_a_digest_of_their_own(stage: Stage) -> None:
    await flood(stage, 25)
    await stage.learn(
        staff_changed("m002"),
        customer_changed("c2", accounts=[f"8002{n:04d}" for n in range(25)], manager_id="m002"),
    )
    await stage.hear(*(raised(account=f"8002{n:04d}", **MIDDLE) for n in range(25)))
    await stage.queue.claim(1000)
    stage.clock.advance(MOMENT + MINUTE)
    await stage.merger.merge_due()
    rows = await stage.rows(select(t.intents).where(t.intents.c.revision == 0))
    assert {(row.receiver, row.account) for row in rows} == {("m001", "@m001"), ("m002", "@m002")}
