"""Every channel against its counterpart in the sandbox, over the real protocol, in process."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from deploy.sandbox.app import create_app
from deploy.sandbox.sandbox import APP, SMS_KEYS, open_sandbox
from deploy.sandbox.tencent import APP_ID, KEYS
from deploy.sandbox.webhooks import GROUPS, PUSH_IS_SIGNED_WITH
from services.notify.domain.channel import Channel, HttpRequest, HttpResponse, Ticket
from services.notify.domain.channels import catalogue
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.outcome import Outcome, Rejected, Sent
from services.notify.domain.receiver import Receiver
from shared.clock import WallClock
from shared.kernel.masking import Phone
from tests.unit.notify.test_wecom_forms import SAID

URL = "http://127.0.0.1"
KEY, (ROLE, SECRET) = next(iter(GROUPS.items()))
(KEY_ID, KEY_SECRET) = next(iter(SMS_KEYS.items()))
GROUP = {"groups": {ROLE: {"key": KEY, "secret": SECRET}}}
WRONG = {"groups": {ROLE: {"key": "guessed", "secret": "guessed"}}}
TENCENT = {
    "secret_id": next(iter(KEYS)),
    "secret_key": KEYS["sandbox-secret-id"],
    "sdk_app_id": APP_ID,
    "sign_name": "观潮",
    "template_id": "1000001",
    "notice_template_id": "1000002",
}
VOICE = {
    "access_key_id": KEY_ID,
    "access_key_secret": KEY_SECRET,
    "tts_code": "TTS_GC_ALERT",
    "notice_tts_code": "TTS_GC_NOTICE",
}
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "wecom_app": (
        {"corp_id": APP.corp_id, "agent_id": APP.agent_id, "secret": APP.secret},
        {"corp_id": APP.corp_id, "agent_id": 7, "secret": APP.secret},
    ),
    "aliyun_sms": (
        {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, "sign_name": "观潮"},
        {"access_key_id": KEY_ID, "access_key_secret": "guessed", "sign_name": "观潮"},
    ),
    "wecom_robot": (GROUP, WRONG),
    "dingtalk_robot": (GROUP, WRONG),
    "feishu_robot": (GROUP, WRONG),
    "app_push": (
        {"api_url": f"{URL}/push", "secret": PUSH_IS_SIGNED_WITH},
        {"api_url": f"{URL}/push", "secret": "guessed" * 3},
    ),
    "tencent_sms": (TENCENT, TENCENT | {"secret_key": "guessed"}),
    "aliyun_voice": (VOICE, VOICE | {"access_key_secret": "guessed"}),
}
"""Settings that the sandbox takes, and settings that it refuses."""
RECEIVER = Receiver("m001", ROLE, "m001", Phone("13812345678"), robots=frozenset(catalogue()))
NOTIFICATION = replace(SAID, receiver=RECEIVER)

OVER_HTTP = sorted(catalogue().keys() - {"mail"})
"""Mail goes by SMTP: see ``test_mail.py``."""

pytestmark = pytest.mark.parametrize("name", OVER_HTTP)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    sandbox = open_sandbox(tmp_path)
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as made:
        yield made
    sandbox.close()


def channel(name: str, which: int = 0) -> Channel:
    given = {"api_url": URL} | SETTINGS[name][which]
    made: Channel = catalogue()[name](**given)
    return made


async def exchange(http: httpx.AsyncClient, request: HttpRequest) -> HttpResponse:
    answer = await http.request(
        request.method, request.url, headers=list(request.headers), content=request.body
    )
    return HttpResponse(answer.status_code, answer.json())


async def tell(http: httpx.AsyncClient, one: Channel) -> Outcome:
    token = None
    if isinstance(one, WecomApp):
        found = one.token(await exchange(http, one.token_request()))
        token = found[0] if not isinstance(found, str) else SecretStr("none")
    ticket = Ticket(WallClock().now(), "nonce-1", token)
    asked = one.request(one.body(NOTIFICATION), ticket)
    assert isinstance(asked, HttpRequest)
    return one.outcome(await exchange(http, asked))


async def journal(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await http.get("/sandbox/journal")).json()
    return entries


async def test_it_has_a_counterpart_there(name: str) -> None:
    assert sorted(SETTINGS) == OVER_HTTP


async def test_what_it_sends_is_on_the_phone(http: httpx.AsyncClient, name: str) -> None:
    assert isinstance(await tell(http, channel(name)), Sent)
    (entry,) = await journal(http)
    assert entry["outcome"] == "delivered"
    assert SAID.summary in entry["text"]
    page = (await http.get("/")).text
    assert SAID.title in page
    assert "13812345678" not in page


async def test_a_wrong_secret_is_refused_for_good(http: httpx.AsyncClient, name: str) -> None:
    assert isinstance(await tell(http, channel(name, which=1)), Rejected)
    assert [entry["outcome"] for entry in await journal(http)] == ["rejected"]
