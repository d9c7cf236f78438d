"""``guanchao notify canary``: one canary now, by all that an urgent alert goes through."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters.directory import People
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.stories import story
from services.notify.agent import Teller
from services.notify.commands.explaining import lines
from services.notify.commands.places import database, run
from services.notify.domain.canary import Canary, notices
from services.notify.domain.climb import Escalation
from services.notify.domain.links import Signer
from services.notify.domain.own_alerts import SOURCE, rehearsed
from services.notify.domain.policy import Policy
from services.notify.domain.reasons import in_words
from services.notify.domain.story import Story
from services.notify.policy import SHIPPED, WORDED, WrongPolicy, read_policy, read_templates
from services.notify.settings import Settings
from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.console import Refused
from shared.contracts.alerts import FEED
from shared.settings import read

LOST, LOOK_S = 1, 0.5
OPEN = {"pending", "sending", "retry"}

Broker = Annotated[
    str | None, typer.Option(envvar="NOTIFY_CANARY__BROKER", help="期货公司 · the broker")
]
Staff = Annotated[
    str | None,
    typer.Option(
        envvar="NOTIFY_CANARY__STAFF", help="谁的手机，名录里的工号 · whose phone: a staff id"
    ),
]
Channels = Annotated[
    list[str] | None,
    typer.Option("--channel", help="通道，可重复；缺省是设置里的 · repeatable; else the settings'"),
]
Wait = Annotated[int, typer.Option(min=1, help="等多少秒 · seconds to wait")]


def canary(
    *,
    broker: Broker = None,
    staff: Staff = None,
    channels: Channels = None,
    wait: Wait = 60,
) -> None:
    """马上自检一次：发一条真的消息到一个人的手机 · a real message to one person's phone, now.

    记进账本，由运行中的 notify 发出，然后说清每个通道怎样了。和 notify 用同样的设置；每天自检要设
    NOTIFY_CANARY__BROKER 和 NOTIFY_CANARY__STAFF。退出码：0 都发出了，1 有没发出的，2 做不了。

    It is written to the ledger, sent by the notify that runs, and told channel by channel. It needs
    notify's own settings. Daily it is sent where those two variables are set. Exit code: 0 all
    sent, 1 some not, 2 it cannot be done.
    """
    settings = read(Settings)

    async def sung() -> tuple[Story, Canary]:
        asked = _asked(settings, broker or settings.broker, staff, channels)
        return await _sing(settings, asked, timedelta(seconds=wait)), asked

    told, asked = run(sung)
    typer.echo("\n".join(lines(told)))
    raise typer.Exit(0 if _arrived(told, asked.channels) else LOST)


def _asked(
    settings: Settings, broker: str | None, staff: str | None, channels: Sequence[str] | None
) -> Canary:
    if settings.clock != "wall":
        raise Refused("这里的时间是演出来的，没有现在", "its time is played: there is no now")
    if not (broker and staff):
        raise Refused(
            "发给谁：加 --broker 和 --staff，或设 NOTIFY_CANARY__BROKER、NOTIFY_CANARY__STAFF",
            "to whom? --broker and --staff, or those variables",
        )
    known = {} if settings.canary is None else settings.canary.model_dump()
    given = {"broker": broker, "staff": staff} | ({"channels": channels} if channels else {})
    try:
        return Canary.model_validate(known | given)
    except ValidationError as error:
        raise Refused(error.errors()[0]["msg"], "see --help") from None


async def _sing(settings: Settings, asked: Canary, wait: timedelta) -> Story:
    async with database(settings.postgres.dsn.get_secret_value()) as bound:
        now, teller = WallClock().now(), _teller(settings, asked, bound)
        await _reach(teller, asked)
        event = rehearsed(asked, now)
        await teller.hear(event, SOURCE)
        return await _settled(bound, event.data.alert_id, now + wait)


async def _reach(teller: Teller, asked: Canary) -> None:
    """Refuse what could reach nobody, before anything is written."""
    async with teller.ledger.begin() as book:
        directory = await book.around(asked.broker, FEED, {asked.staff})
    person = directory.in_charge(asked.staff)
    if person is None:
        raise Refused(
            f"名录里没有 {asked.staff}，或已离职", "the directory knows no such member of staff"
        )
    for name in asked.channels:
        channel = teller.channels.get(name)
        why = "not-configured" if channel is None else channel.lacks(person)
        if why:
            raise Refused(f"{name}：{in_words(why)} [{why}]", "see --channel")


def _teller(settings: Settings, asked: Canary, bound: AsyncEngine) -> Teller:
    policy, calendar = _policy(settings, asked), calendar_at(settings.calendar)
    people = People(
        settings.cipher,
        policy.desk_role,
        settings.robots.by_role,
        always=frozenset({asked.staff}),
    )
    ledger = PostgresLedger(bound, people, settings.cipher)
    signer = Signer(settings.links_base, settings.link_key)
    climbing = Escalation(policy, calendar, on=False)
    clock = WallClock()
    return Teller(ledger, policy, settings.channels, signer, clock, lambda: None, climbing)


def _policy(settings: Settings, asked: Canary) -> Policy:
    try:
        wording = read_templates(settings.templates or WORDED, settings.signs)
        policy = read_policy(settings.policy or SHIPPED, wording)
    except WrongPolicy as error:
        raise Refused(f"NOTIFY_POLICY、NOTIFY_TEMPLATES：{error}", "the policy is wrong") from None
    own = {"configured": frozenset(settings.channels), "notices": notices(asked, policy)}
    return policy.model_copy(update=own)


async def _settled(bound: AsyncEngine, alert_id: UUID, until: datetime) -> Story:
    """Return its story when nothing of it is open any more, or as it is at the end."""
    while True:
        async with bound.connect() as connection:
            told = await story(connection, alert_id)
        if not any(one.state in OPEN for one in told.deliveries) or WallClock().now() >= until:
            return told
        await asyncio.sleep(LOOK_S)


def _arrived(told: Story, channels: Sequence[str]) -> bool:
    """Say whether each channel's gateway has taken it."""
    return set(channels) <= {one.channel for one in told.deliveries if one.state == "sent"}
