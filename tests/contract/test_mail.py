"""邮件 over real SMTP: notify's own transport against the sandbox's server."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from deploy.sandbox.faults import Fault
from deploy.sandbox.mail import ACCOUNT, smtp
from deploy.sandbox.sandbox import Sandbox, open_sandbox
from services.notify.adapters.transport import Transport, transport
from services.notify.domain.channel import HttpResponse, Ticket
from services.notify.domain.channels.mail import Mail
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent
from services.notify.domain.receiver import Receiver
from shared.kernel.masking import Email
from tests.kit.alerts import MOMENT
from tests.unit.notify.test_wecom_forms import SAID

ADDRESS = "wang.m001@broker.example"
TOLD = replace(SAID, receiver=Receiver("m001", "manager", email=Email(ADDRESS)))
TICKET = Ticket(MOMENT, "nonce")


def mail(port: int, **given: Any) -> Mail:
    usual = {"username": ACCOUNT[0], "password": ACCOUNT[1], "sender": ACCOUNT[0]}
    return Mail(**({"host": "127.0.0.1", "port": port, "tls": "none"} | usual | given))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[tuple[Sandbox, int]]:
    sandbox, loop = open_sandbox(tmp_path), asyncio.get_running_loop()
    server = await loop.create_server(lambda: smtp(sandbox), "127.0.0.1", 0)
    async with server:
        yield sandbox, server.sockets[0].getsockname()[1]
    sandbox.close()


async def send(channel: Mail, seconds: float = 5.0) -> Outcome:
    sender: Transport = transport(channel.hosts(), seconds, 2, None)
    try:
        answer = await sender.send(channel.request(channel.body(TOLD), TICKET))
    finally:
        await sender.client.aclose()
    return channel.outcome(answer) if isinstance(answer, HttpResponse) else answer


async def test_a_mail_arrives_with_subject_text_and_the_intents_id(
    office: tuple[Sandbox, int], caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, port = office
    with caplog.at_level(logging.DEBUG):
        assert await send(mail(port)) == Sent()
    (entry,) = [sandbox.journal.entry(n) for n in range(1, sandbox.journal.last + 1)]
    assert (entry.to, entry.title) == (ADDRESS, "大额出金（更新）")
    assert SAID.summary in entry.text
    assert SAID.links.view in entry.text
    assert entry.receipt == f"<{SAID.intent_id}@sandbox.example>"
    for hidden in (ADDRESS, ACCOUNT[1], SAID.summary):
        assert hidden not in caplog.text


async def test_who_does_not_log_in_is_refused(office: tuple[Sandbox, int]) -> None:
    assert await send(mail(office[1], username=None)) == Rejected("smtp-530")
    assert office[0].journal.last == 0


async def test_a_wrong_password_is_refused_for_good(office: tuple[Sandbox, int]) -> None:
    assert await send(mail(office[1], password="guessed")) == Rejected("smtp-535")
    assert office[0].journal.last == 0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"fault": "errcode", "value": 451}, Retry("smtp-451")),
        ({"fault": "errcode", "value": 550}, Rejected("smtp-550")),
        ({"fault": "close"}, Retry("SMTPServerDisconnected", unsure=True)),
        ({"fault": "accept-then-close"}, Retry("SMTPServerDisconnected", unsure=True)),
    ],
)
async def test_what_the_servers_trouble_means(
    office: tuple[Sandbox, int], fault: dict[str, Any], outcome: Outcome
) -> None:
    office[0].faults.add([Fault.model_validate(fault | {"match": {"channel": "mail"}})])
    assert await send(mail(office[1])) == outcome


async def test_a_server_that_is_away_has_told_nobody() -> None:
    outcome = await send(mail(1))
    assert isinstance(outcome, Retry)
    assert not outcome.made
    assert not outcome.unsure


async def test_a_server_that_says_nothing_after_the_text_may_have_taken_it(
    office: tuple[Sandbox, int],
) -> None:
    slow = Fault.model_validate(
        {"match": {"channel": "mail"}, "fault": "latency", "value": 30, "times": 1}
    )
    office[0].faults.add([slow])
    outcome = await send(mail(office[1]), seconds=0.5)
    office[0].stopping.set()
    assert isinstance(outcome, Retry)
    assert outcome.unsure


async def test_another_server_is_never_asked() -> None:
    sender = transport(frozenset({"mail.example:465"}), 1.0, 2, None)
    asked = mail(1).request(mail(1).body(TOLD), TICKET)
    assert await sender.send(asked) == Rejected("host-not-allowed")
    await sender.client.aclose()


def test_a_mail_is_the_same_on_a_repeat_but_for_its_date() -> None:
    channel = mail(25)
    made = message_from_bytes(
        channel.request(channel.body(TOLD), TICKET).message, policy=policy.default
    )
    assert made["To"] == ADDRESS
    assert made["Message-ID"] == f"<{SAID.intent_id}@sandbox.example>"
    assert json.loads(channel.body(TOLD))["to"] == ADDRESS


def test_only_this_machine_is_spoken_to_in_clear() -> None:
    with pytest.raises(ValidationError, match="TLS") as refused:
        Mail(host="mail.example", tls="none", sender="a@b.example", password=SecretStr("hush"))
    assert "hush" not in str(refused.value)
    assert Mail(host="mail.example", sender="a@b.example").tls == "implicit"


def test_an_address_is_never_printed() -> None:
    channel = mail(25)
    printed = f"{TOLD!r} {channel!r} {channel.request(channel.body(TOLD), TICKET)!r}"
    assert ADDRESS not in printed
    assert ACCOUNT[1] not in printed
