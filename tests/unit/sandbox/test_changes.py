"""What happens to a message after it was sent: recalled, tapped, its buttons replaced."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from deploy.sandbox.app import create_app
from deploy.sandbox.sandbox import APP, Sandbox, open_sandbox
from services.notify.domain.channel import Ticket
from services.notify.domain.channels.wecom_app import WecomApp
from shared.clock import WallClock
from tests.kit.gateway import CORP
from tests.unit.notify.test_wecom_forms import SAID

DAY = "2026-06-01T09:00:00+08:00"
CHANNEL = WecomApp(
    corp_id=APP.corp_id, agent_id=APP.agent_id, secret=SecretStr(APP.secret), form="buttons"
)


class Phone:
    """notify's own channel on one side, a member's phone on the other."""

    def __init__(self, http: httpx.AsyncClient, sandbox: Sandbox) -> None:
        self.http, self.sandbox = http, sandbox

    async def ask(self, body: str) -> dict[str, Any]:
        token = (await self.http.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
        asked = CHANNEL.request(body, Ticket(WallClock().now(), "n", SecretStr(token)))
        path = asked.url.removeprefix(CHANNEL.api_url)
        answer = await self.http.post(path, content=asked.body, headers=list(asked.headers))
        said: dict[str, Any] = answer.json()
        return said

    async def clock(self, now: str) -> None:
        (await self.http.post("/sandbox/clock", json={"now": now})).raise_for_status()

    async def click(self, message: str, key: str = "contacted") -> httpx.Response:
        tap = {"message": message, "userid": "m001", "key": key}
        return await self.http.post("/sandbox/clicks", json=tap)

    async def page(self) -> str:
        return (await self.http.get("/", params={"person": "p1"})).text


@pytest.fixture
async def phone(tmp_path: Path) -> AsyncIterator[Phone]:
    sandbox = open_sandbox(tmp_path, posted=True)
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        made = Phone(http, sandbox)
        await made.clock(DAY)
        yield made
    sandbox.close()


async def test_the_journal_keeps_what_the_acceptance_said(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    (entry,) = (await phone.http.get("/sandbox/journal")).json()
    assert (entry["receipt"], entry["response_code"]) == (said["msgid"], said["response_code"])
    assert "已联系" in await phone.page()


async def test_a_plain_card_gives_no_response_code(phone: Phone) -> None:
    plain = CHANNEL.model_copy(update={"form": "textcard"})
    assert "response_code" not in await phone.ask(plain.body(SAID))


async def test_a_recalled_message_is_gone_from_the_phone(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    assert (await phone.ask(CHANNEL.recall(said["msgid"])))["errcode"] == 0
    page = await phone.page()
    assert "应用撤回了一条消息" in page
    assert SAID.summary not in page
    _, change = (await phone.http.get("/sandbox/journal")).json()
    assert (change["channel"], change["title"]) == ("wecom-change", "recall")
    assert (change["receipt"], change["to"]) == (said["msgid"], "m001")


@pytest.mark.parametrize(
    ("now", "errcode"), [("2026-06-02T08:59:59+08:00", 0), ("2026-06-02T09:00:00+08:00", 301055)]
)
async def test_a_message_can_be_recalled_for_a_day(phone: Phone, now: str, errcode: int) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    await phone.clock(now)
    assert (await phone.ask(CHANNEL.recall(said["msgid"])))["errcode"] == errcode


async def test_an_unknown_message_cannot_be_recalled(phone: Phone) -> None:
    assert (await phone.ask(CHANNEL.recall("of another app")))["errcode"] == 40058


async def test_a_click_gives_a_code_that_replaces_the_buttons_once(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    code = (await phone.click(said["msgid"])).json()["response_code"]
    assert code != said["response_code"]
    update = CHANNEL.update(code, "m001", "王* 已联系")
    assert (await phone.ask(update))["errcode"] == 0
    assert "王* 已联系" in await phone.page()
    assert (await phone.ask(update))["errcode"] == 40058
    assert (await phone.click(said["msgid"])).status_code == 404


async def test_the_code_of_the_acceptance_lasts_three_days(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    await phone.clock("2026-06-04T09:00:00+08:00")
    late = await phone.ask(CHANNEL.update(said["response_code"], "m001", "已撤回"))
    assert late["errcode"] == 40058
    await phone.clock("2026-06-04T08:59:59+08:00")
    assert (await phone.ask(CHANNEL.update(said["response_code"], "m001", "已撤回")))[
        "errcode"
    ] == 0


async def test_only_who_has_the_card_can_tap_it_and_only_its_buttons(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    for key in ("none of these", "", "handed-over"):  # 转交 opens the page
        assert (await phone.click(said["msgid"], key)).status_code == 404
    assert (await phone.click("unknown")).status_code == 404
    other = await phone.ask(CHANNEL.update(said["response_code"], "m002", "已联系"))
    assert other["errcode"] == 81013


async def test_a_restarted_gateway_knows_what_was_changed(phone: Phone) -> None:
    first = await phone.ask(CHANNEL.body(SAID))
    await phone.ask(CHANNEL.recall(first["msgid"]))
    again = open_sandbox(phone.sandbox.journal.log.path.parent / "copy", posted=True)
    for entry in map(phone.sandbox.journal.entry, range(1, phone.sandbox.journal.last + 1)):
        again.platforms[entry.channel].remember(entry, 0.0)
    assert again.wecom.changes.shown == phone.sandbox.wecom.changes.shown
    assert again.wecom.changes.codes.keys() == phone.sandbox.wecom.changes.codes.keys()
    again.close()


async def test_a_scripted_fault_changes_nothing(phone: Phone) -> None:
    said = await phone.ask(CHANNEL.body(SAID))
    fault = {"match": {"channel": "wecom-change"}, "fault": "errcode", "value": -1}
    await phone.http.post("/sandbox/faults", json=[fault])
    assert (await phone.ask(CHANNEL.recall(said["msgid"])))["errcode"] == -1
    assert "撤回了一条" not in await phone.page()
