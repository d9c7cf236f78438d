"""回执 on a real PostgreSQL: kept once, told once, and a failed one goes another way."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import outbox
from services.notify.domain.channel import Receipt
from services.notify.receiving import receive
from tests.kit.alerts import MOMENT, customer_changed, raised, staff_changed
from tests.kit.notify_ledger import CIPHER, MOBILE, Stage, ledger_stage

pytestmark = pytest.mark.integration


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as one:
        sealed = CIPHER.seal(MOBILE, "staff.mobile")
        await one.learn(staff_changed("m001", sealed_mobile=sealed), customer_changed("c1"))
        await one.hear(raised())
        sent = {"state": "sent", "message_id": t.intents.c.channel, "first_at": MOMENT}
        async with one.database.begin() as connection:
            await connection.execute(update(t.intents).values(sent))
        yield one


def receipt(arrived: bool, message_id: str = "aliyun_sms") -> Receipt:
    return Receipt(message_id, arrived, "receipt-X", MOMENT + timedelta(seconds=9))


async def told(one: Stage) -> list[dict[str, Any]]:
    rows = await one.rows(select(outbox.c.event).order_by(outbox.c.number))
    return [json.loads(row.event)["data"] for row in rows]


async def test_a_receipt_is_kept_and_told_once(stage: Stage) -> None:
    ledger: Any = stage.teller.ledger
    fates = [
        await receive(ledger, stage.teller, "aliyun_sms", receipt(True)),
        await receive(ledger, stage.teller, "aliyun_sms", receipt(True)),
        await receive(ledger, stage.teller, "aliyun_sms", receipt(True, "another")),
        await receive(ledger, stage.teller, "aliyun_sms", receipt(True, "")),
    ]
    assert fates == ["arrived", "repeated", "unknown", "unknown"]
    (event,) = await told(stage)
    assert (event["channel"], event["receiver"], event["arrived"]) == ("aliyun_sms", "m001", True)
    assert len(await stage.intents()) == 2


async def test_what_did_not_arrive_goes_by_the_channel_kept_for_that(stage: Stage) -> None:
    """The WeCom message is reported lost, as if the SMS had been kept for that."""
    async with stage.database.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(t.intents.delete().where(t.intents.c.channel == "aliyun_sms"))
    ledger: Any = stage.teller.ledger
    lost = receipt(False, "wecom_app")
    assert await receive(ledger, stage.teller, "wecom_app", lost) == "failed"
    assert await stage.intents() == [
        "1 m001 wecom_app 1 sent",
        "1 m001 aliyun_sms 1 pending",
    ]
    (event,) = await told(stage)
    assert (event["arrived"], event["reason"]) == (False, "receipt-X")
