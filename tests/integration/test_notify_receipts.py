"""回执 on a real PostgreSQL: kept once, told once, and a failed one goes another way."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select, text, update

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import outbox
from services.notify.domain.channel import Receipt
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.receipt_api import router
from services.notify.receiving import receive
from tests.kit.alerts import MOMENT, customer_changed, raised, staff_changed
from tests.kit.notify_ledger import CHANNELS, CIPHER, MOBILE, Stage, ledger_stage

pytestmark = pytest.mark.integration


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[[], str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database()) as one:
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


async def test_the_address_needs_its_key_and_a_channel_with_receipts() -> None:
    taken: list[str] = []

    async def take(channel: str, one: Receipt) -> str:
        taken.append(f"{channel} {one.message_id}")
        return "arrived"

    assert isinstance(CHANNELS["aliyun_sms"], AliyunSms)
    app = FastAPI()
    app.include_router(router(CHANNELS, SecretStr("k" * 16), take))
    report = [
        {
            "phone_number": MOBILE,
            "success": True,
            "biz_id": "b1",
            "err_code": "DELIVERED",
            "report_time": "2026-06-01 10:31:09",
        }
    ]
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
        base = "/callbacks/receipts"
        for wrong in ("aliyun_sms/x", f"wecom_app/{'k' * 16}", f"pigeon/{'k' * 16}"):
            assert (await client.post(f"{base}/{wrong}", json=report)).status_code == 404
        right = f"{base}/aliyun_sms/{'k' * 16}"
        assert (await client.post(right, content=b"{")).status_code == 400
        answer = await client.post(right, json=report)
        assert (answer.status_code, taken) == (200, ["aliyun_sms b1"])
        assert answer.json() == dict(CHANNELS["aliyun_sms"].taken)
