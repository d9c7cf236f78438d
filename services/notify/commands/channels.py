"""``guanchao notify channels list | try``: which there are, and whether each lets us in."""

import secrets
from collections.abc import Sequence
from typing import Annotated
from uuid import uuid4

import typer

from services.notify.adapters.token import Token
from services.notify.adapters.transport import Transport, transport
from services.notify.channel_settings import ChannelSettings
from services.notify.domain.channel import Channel, HttpResponse, Links, Notification, Ticket
from services.notify.domain.channels import catalogue
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.outcome import Outcome, Retry, Sent
from services.notify.domain.reasons import in_words
from services.notify.domain.receiver import Receiver
from services.notify.page import CHANNELS
from shared import console
from shared.clock import WallClock
from shared.kernel.masking import Email, Phone
from shared.settings import read

REFUSED = 1
NOWHERE = "https://guanchao.invalid/"

app = typer.Typer(
    no_args_is_help=True, help="通道：配了哪些，通不通 · channels: which, and do they work"
)
Staff = Annotated[str, typer.Option(help="工号，App 推送用 · staff id, for app push")]
Role = Annotated[
    str, typer.Option(help="岗位，群机器人按它找群 · the role whose group robots tell")
]
Wecom = Annotated[str | None, typer.Option(help="企业微信账号 · WeCom user id")]
Mobile = Annotated[str | None, typer.Option(help="手机号 · mobile number")]
Address = Annotated[str | None, typer.Option("--email", help="邮箱 · mail address")]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", help="只试这个通道，可重复 · this channel alone, repeatable"),
]


@app.command(name="list")
def show() -> None:
    """有哪些通道，配好了没有，发往哪里 · which there are, and where they send."""
    configured = read(ChannelSettings).channels
    for name in sorted(catalogue()):
        channel = configured.get(name)
        where = "、".join(sorted(channel.hosts())) if channel else "没有配 not configured"
        typer.echo(f"{name:<15} {CHANNELS[name]:<8}  {where}")


@app.command(name="try")
def attempt(  # noqa: PLR0913 each is a flag
    *,
    staff: Staff = "try",
    role: Role = "manager",
    wecom: Wecom = None,
    mobile: Mobile = None,
    email: Address = None,
    only: Only = None,
) -> None:
    """用每个配好的通道发一条测试消息 · send a test message by every channel that is configured.

    不经账本和额度，只用来核对账号、密钥、模板和出口地址。没给的收件地址跳过。
    退出码：0 都收下了，1 有拒收的，2 做不了。

    Past ledger and budgets: it proves accounts, keys, templates and the way out. A channel whose
    address is not given is skipped. Exit code: 0 all taken, 1 some refused, 2 it cannot be done.
    """
    settings = read(ChannelSettings)
    wanted = {n: c for n, c in settings.channels.items() if not only or n in only}
    if unknown := set(only or ()) - settings.channels.keys():
        typer.echo(f"✗ 没有配 {sorted(unknown)} | not configured", err=True)
        raise typer.Exit(console.REFUSED)
    receiver = Receiver(
        staff,
        role,
        wecom,
        Phone(mobile) if mobile else None,
        email=Email(email) if email else None,
        robots=frozenset(n for n, c in wanted.items() if role in getattr(c, "groups", ())),
    )
    told = console.run(lambda: tried(settings, wanted, receiver))
    for name, outcome in told:
        typer.echo(line(name, outcome))
    raise typer.Exit(REFUSED if any(_is_refused(outcome) for _, outcome in told) else 0)


async def tried(
    settings: ChannelSettings, wanted: dict[str, Channel], receiver: Receiver
) -> Sequence[tuple[str, Outcome | str]]:
    """Return what each channel's gateway says; a text: why it was not asked."""
    hosts = frozenset(host for channel in wanted.values() for host in channel.hosts())
    proxy = settings.sending.proxy
    sender = transport(
        hosts, settings.sending.timeout_seconds, 1, proxy.get_secret_value() if proxy else None
    )
    try:
        return [(name, await _ask(wanted[name], sender, receiver)) for name in sorted(wanted)]
    finally:
        await sender.client.aclose()


async def _ask(channel: Channel, sender: Transport, receiver: Receiver) -> Outcome | str:
    if (lacking := channel.lacks(receiver)) is not None:
        return lacking
    token = await Token(channel, sender.send).get() if isinstance(channel, WecomApp) else None
    if isinstance(token, Retry):
        return token
    now = WallClock().now()
    body = channel.body(sample(receiver.team if channel.team else receiver, f"{now:%H%M%S}"))
    ticket = Ticket(now, secrets.token_hex(16), token)
    answer = await sender.send(channel.request(body, ticket))
    return channel.outcome(answer) if isinstance(answer, HttpResponse) else answer


def sample(receiver: Receiver, code: str) -> Notification:
    """Return the test message; the code tells one from another."""
    return Notification(
        intent_id=uuid4(),
        receiver=receiver,
        source="观潮 · 测试",
        title="通道测试",
        mark="",
        client="测试客户",
        account="***000",
        facts=(("测试", "收到即通道可用"),),
        summary="这是一条测试消息，收到即通道可用",
        action="不用处理。",
        code=f"TRY-{code}",
        links=Links(NOWHERE, NOWHERE, NOWHERE),
    )


def line(name: str, outcome: Outcome | str) -> str:
    """Return what came of one channel."""
    match outcome:
        case str():
            mark, reason = "-", outcome
        case Sent():
            mark, reason = "✓", "ok"
        case _:
            mark, reason = "✗", outcome.reason
    return f"{mark} {name:<15} {CHANNELS[name]}：{in_words(reason)} [{reason}]"


def _is_refused(outcome: Outcome | str) -> bool:
    return not isinstance(outcome, str | Sent)
