"""Where providers report: who may, and what comes twice."""

from dataclasses import dataclass, field

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from services.notify.domain.channel import Channel, Receipt
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.receipt_api import router
from tests.kit.replays import MemoryReplays

KEY, SECRET = "k" * 16, SecretStr("x")
SMS = AliyunSms(access_key_id="id", access_key_secret=SECRET, sign_name="观潮")
CHANNELS: dict[str, Channel] = {
    "aliyun_sms": SMS,
    "wecom_app": WecomApp(corp_id="ww1", agent_id=1, secret=SECRET),
}
BASE = "/callbacks/receipts"
RIGHT = f"{BASE}/aliyun_sms/{KEY}"
REPORT = [
    {
        "phone_number": "13812345678",
        "success": True,
        "biz_id": "b1",
        "err_code": "DELIVERED",
        "report_time": "2026-06-01 10:31:09",
    }
]


@dataclass
class Address:
    """The address over a list; ``fate``: what each receipt comes to."""

    fate: str = "arrived"
    taken: list[str] = field(default_factory=list)

    async def take(self, channel: str, one: Receipt) -> str:
        self.taken.append(f"{channel} {one.message_id}")
        return self.fate

    def client(self) -> httpx.AsyncClient:
        app = FastAPI()
        app.include_router(router(CHANNELS, SecretStr(KEY), self.take, MemoryReplays()))
        transport = httpx.ASGITransport(app=app)
        return httpx.AsyncClient(transport=transport, base_url="http://notify")


async def test_it_needs_its_key_and_a_channel_with_receipts() -> None:
    one = Address()
    async with one.client() as client:
        for wrong in ("aliyun_sms/x", f"wecom_app/{KEY}", f"pigeon/{KEY}"):
            assert (await client.post(f"{BASE}/{wrong}", json=REPORT)).status_code == 404
        assert (await client.post(RIGHT, content=b"{")).status_code == 400
        answer = await client.post(RIGHT, json=REPORT)
    assert (answer.status_code, one.taken) == (200, ["aliyun_sms b1"])
    assert answer.json() == dict(SMS.taken)


async def test_the_same_report_is_read_once_and_answered_each_time() -> None:
    one = Address()
    async with one.client() as client:
        answers = [await client.post(RIGHT, json=REPORT) for _ in range(3)]
    assert [answer.json() for answer in answers] == [dict(SMS.taken)] * 3
    assert one.taken == ["aliyun_sms b1"]


async def test_one_of_a_message_not_yet_known_may_come_again() -> None:
    one = Address("unknown")
    async with one.client() as client:
        await client.post(RIGHT, json=REPORT)
        one.fate = "arrived"
        for _ in range(2):
            await client.post(RIGHT, json=REPORT)
    assert len(one.taken) == 2
