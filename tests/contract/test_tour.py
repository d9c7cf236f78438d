"""``make tour``: a test message by every channel, to the gateway of `make run`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.credentials import gateway
from deploy.embedded.ports import Ports
from deploy.sandbox.app import create_app
from deploy.sandbox.mail import smtp
from deploy.sandbox.sandbox import Sandbox, open_sandbox
from services.notify.channel_settings import ChannelSettings
from services.notify.commands.channels import line, tried
from services.notify.domain.channels import catalogue
from services.notify.domain.outcome import Rejected, Sent
from services.notify.domain.receiver import Receiver
from shared.kernel.masking import Email, Phone
from shared.settings import HttpSettings
from shared.web.health import serving

DESK = Receiver(
    "r001",
    "risk",
    "gc-r001",
    Phone("16900030001"),
    email=Email("r001@broker.example"),
    robots=frozenset(catalogue()),
)


@pytest.fixture
async def office(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Sandbox, Ports]]:
    """The gateway, all of it, and its addresses and credentials in the environment."""
    ports, sandbox = Ports.free(), open_sandbox(tmp_path)
    for name, value in gateway(ports).items():
        monkeypatch.setenv(name, value)
    mails = await asyncio.get_running_loop().create_server(
        lambda: smtp(sandbox), "127.0.0.1", ports.smtp
    )
    async with mails, serving(create_app(sandbox), HttpSettings(port=ports.sandbox)):
        yield sandbox, ports
    sandbox.close()


async def test_each_of_the_nine_is_on_the_gateways_page(office: tuple[Sandbox, Ports]) -> None:
    sandbox, _ = office
    settings = ChannelSettings()
    assert settings.channels.keys() == catalogue().keys()
    told = dict(await tried(settings, dict(settings.channels), DESK))
    assert {name: type(outcome) for name, outcome in told.items()} == dict.fromkeys(
        catalogue(), Sent
    )
    entries = [sandbox.journal.entry(n) for n in range(1, sandbox.journal.last + 1)]
    assert [entry.outcome for entry in entries] == ["delivered"] * len(catalogue())
    assert all("测试" in f"{entry.title}{entry.text}" for entry in entries)


async def test_what_is_wrong_is_said_in_words_and_the_others_go_on(
    office: tuple[Sandbox, Ports], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SMS__TEMPLATE_CODE", "SMS_NOT_APPROVED")
    settings = ChannelSettings()
    wanted = {name: settings.channels[name] for name in ("aliyun_sms", "mail", "wecom_app")}
    nobody = Receiver("r001", "risk", "gc-r001", Phone("16900030001"))
    told = dict(await tried(settings, wanted, nobody))
    assert isinstance(told["aliyun_sms"], Rejected)
    assert (told["mail"], type(told["wecom_app"])) == ("no-mail", Sent)
    assert line("aliyun_sms", told["aliyun_sms"]).startswith("✗ aliyun_sms")
    assert line("mail", "no-mail").startswith("- mail")


def asked(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build("notify"), ["notify", "channels", *arguments])
    return done.exit_code, done.stdout + done.stderr


def test_the_command_lists_and_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in gateway(Ports.at(1000)).items():  # where nobody listens
        if "VOICE" not in name:
            monkeypatch.setenv(name, value)
    code, said = asked("list")
    assert code == 0
    assert "127.0.0.1:1004" in said
    assert [row.split()[0] for row in said.splitlines() if "not configured" in row] == [
        "aliyun_voice"
    ]
    assert asked("try", "--only", "aliyun_voice")[0] == 2
    code, said = asked("try", "--only", "wecom_app", "--wecom", "gc-r001")
    assert (code, "ConnectError" in said) == (1, True)
    assert "sandbox-wecom-secret" not in said
    assert asked("try", "--only", "mail")[0] == 0  # skipped: nobody's address was given
