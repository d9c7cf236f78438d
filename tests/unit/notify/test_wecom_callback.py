"""企业微信回调 — opened with the platform's own example; what is forged leaves nothing."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from services.notify.callback_api import router
from services.notify.domain.wecom_callback import (
    Envelope,
    Forged,
    Stamp,
    WecomCallback,
    click_in,
    encrypted_in,
    value_of,
)
from shared.clock import DrivenClock
from shared.contracts.callbacks import CardClicked
from shared.web.refusal import Refusal, refused
from tests.kit.replays import MemoryReplays
from tests.kit.wecom_seal import AES_KEY, CORP, TOKEN, posted, seal, signed, tap

SETTINGS = WecomCallback(token=SecretStr(TOKEN), aes_key=SecretStr(AES_KEY))
ENVELOPE = Envelope(SETTINGS, CORP)
NOW = datetime.fromtimestamp(1409659589, UTC)
AT = int(NOW.timestamp())
TASK = "7bb8f537-2aae-5c25-ac73-4da7190814c0"


def opened(encrypted: str, at: int = AT, now: datetime = NOW) -> str:
    query = signed(encrypted, at)
    return ENVELOPE.open(
        Stamp(query["msg_signature"], query["timestamp"], query["nonce"]), encrypted, now
    )


def test_the_platforms_own_example() -> None:
    """The sample of its published library: an echo of a number."""
    echo = (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    )
    stamp = Stamp("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780")
    assert ENVELOPE.open(stamp, echo, NOW) == "1616140317555161061"


def test_what_it_seals_is_opened() -> None:
    assert opened(seal("你好")) == "你好"
    assert opened(seal("x" * 500)) == "x" * 500


@pytest.mark.parametrize(
    ("encrypted", "at", "now"),
    [
        (seal("x", corp="ww-another"), AT, NOW),
        (seal("x", pad=0), AT, NOW),
        (seal("x", pad=200), AT, NOW),
        ("", AT, NOW),
        ("####", AT, NOW),
        ("AAAA", AT, NOW),
        (seal("x"), AT, NOW + timedelta(minutes=6)),
        (seal("x"), AT, NOW - timedelta(minutes=6)),
    ],
)
def test_what_is_not_for_us_or_too_old_is_forged(encrypted: str, at: int, now: datetime) -> None:
    with pytest.raises(Forged):
        opened(encrypted, at, now)


@pytest.mark.parametrize("change", ["msg_signature", "timestamp", "nonce"])
def test_a_changed_stamp_is_forged(change: str) -> None:
    encrypted = seal("x")
    query = signed(encrypted, AT) | {change: "1"}
    with pytest.raises(Forged):
        ENVELOPE.open(
            Stamp(query["msg_signature"], query["timestamp"], query["nonce"]), encrypted, NOW
        )


def test_a_tap_is_read() -> None:
    click = click_in(tap(TASK, "contacted"))
    assert click is not None
    assert (click.intent_id, click.userid, click.key) == (UUID(TASK), "m001", "contacted")
    assert (click.response_code, click.choice) == ("rc-1", "")
    chosen = click_in(tap(TASK, "snoozed", choice="close"))
    assert chosen is not None
    assert (chosen.key, chosen.choice) == ("snoozed", "close")
    assert click_in("<xml><Event><![CDATA[subscribe]]></Event></xml>") is None


@pytest.mark.parametrize(
    "message", [tap("no-uuid", "contacted"), tap(TASK, "a b"), tap(TASK, "x", userid="")]
)
def test_a_tap_that_makes_no_sense_is_forged(message: str) -> None:
    with pytest.raises(Forged):
        click_in(message)


def test_no_entity_is_ever_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;&a;</Encrypt></xml>'
    with pytest.raises(Forged):
        encrypted_in(bomb.encode())
    assert value_of("<xml><A>1</A><A>2</A></xml>", "A") is None


@pytest.mark.parametrize("key", ["short", "!" * 43])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValidationError) as refused:
        WecomCallback(token=SecretStr("t"), aes_key=SecretStr(key))
    assert key not in str(refused.value)
    assert AES_KEY not in repr(SETTINGS)


@dataclass
class Address:
    """The address over a list; ``fails``: the list cannot be written."""

    kept: list[CardClicked] = field(default_factory=list)
    replays: MemoryReplays = field(default_factory=MemoryReplays)
    fails: bool = False

    async def put(self, event: CardClicked) -> None:
        if self.fails:
            raise OSError("no database")
        self.kept.append(event)

    def client(self) -> httpx.AsyncClient:
        app = FastAPI()
        app.add_exception_handler(Refusal, refused)
        app.include_router(router(ENVELOPE, self.put, self.replays, DrivenClock(NOW)))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://notify")


async def test_a_call_is_taken_once_and_its_repeat_is_answered_as_before() -> None:
    one = Address()
    body = posted(tap(TASK, "contacted"))
    query = signed(encrypted_in(body.encode()), AT)
    async with one.client() as client:
        for _ in range(3):
            answer = await client.post("/callbacks/wecom", params=query, content=body)
            assert (answer.status_code, answer.text) == (200, "")
        assert (len(one.kept), list(one.replays.taken.values())) == (1, [timedelta(minutes=10)])
        another = signed(encrypted_in(body.encode()), AT, nonce="n2")
        await client.post("/callbacks/wecom", params=another, content=body)
        assert one.kept[0].id == one.kept[1].id  # signed anew, it is the same event


async def test_what_could_not_be_kept_may_come_again() -> None:
    one = Address(fails=True)
    body = posted(tap(TASK, "contacted"))
    query = signed(encrypted_in(body.encode()), AT)
    async with one.client() as client:
        assert (
            await client.post("/callbacks/wecom", params=query, content=body)
        ).status_code == 500
        one.fails = False
        await client.post("/callbacks/wecom", params=query, content=body)
    assert len(one.kept) == 1


async def test_the_check_opens_no_ciphertext_that_came_before() -> None:
    one = Address()
    body = posted(tap(TASK, "contacted"))
    query = signed(encrypted_in(body.encode()), AT)
    async with one.client() as client:
        await client.post("/callbacks/wecom", params=query, content=body)
        stolen = query | {"echostr": encrypted_in(body.encode())}
        answer = await client.get("/callbacks/wecom", params=stolen)
        assert (answer.status_code, answer.text) == (403, "")


async def test_the_address_keeps_taps_and_refuses_the_rest() -> None:
    one = Address()
    kept = one.kept
    async with one.client() as client:
        echo = seal("echo-1")
        checked = await client.get("/callbacks/wecom", params=signed(echo, AT) | {"echostr": echo})
        assert (checked.status_code, checked.text) == (200, "echo-1")
        assert (await client.get("/callbacks/wecom")).status_code == 403
        body = posted(tap(TASK, "contacted"))
        query = signed(encrypted_in(body.encode()), AT)
        answer = await client.post("/callbacks/wecom", params=query, content=body)
        assert (answer.status_code, answer.text) == (200, "")
        assert [event.data.key for event in kept] == ["contacted"]
        wrong = query | {"msg_signature": "0" * 40}
        assert (
            await client.post("/callbacks/wecom", params=wrong, content=body)
        ).status_code == 403
        other = posted("<xml><Event><![CDATA[subscribe]]></Event></xml>")
        query = signed(encrypted_in(other.encode()), AT)
        answer = await client.post("/callbacks/wecom", params=query, content=other)
        assert (answer.status_code, len(kept)) == (200, 1)
        huge = b"<xml>" + b" " * 70_000
        assert (
            await client.post("/callbacks/wecom", params=query, content=huge)
        ).status_code != 200
