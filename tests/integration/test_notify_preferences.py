"""Preferences over a real PostgreSQL, and the command that writes them; what an SMS costs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.notify.adapters import preferences
from services.notify.adapters import tables as t
from services.notify.adapters.directory import learn_staff
from services.notify.adapters.stories import story
from services.notify.domain.preference import Preference
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit.alerts import BROKER, MOMENT, customer_changed, raised, updated
from tests.kit.notify_ledger import Stage, ledger_stage, manager

pytestmark = pytest.mark.integration
DAY = timedelta(days=1)
TEXTING = Preference(("aliyun_sms",), MOMENT - DAY, MOMENT + DAY)


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), customer_changed("c1"))
        yield made


async def prefer(stage: Stage, wish: Preference, staff_id: str = "m001") -> int:
    async with stage.database.begin() as connection:
        return await preferences.add(connection, (BROKER, staff_id), wish, "cli:ops")


async def test_who_prefers_another_channel_hears_by_it_until_it_is_over(stage: Stage) -> None:
    await prefer(stage, Preference(("mail",), MOMENT - DAY))
    number = await prefer(stage, TEXTING)
    await prefer(stage, Preference(("app_push",), MOMENT - DAY), "m002")
    (told,) = [p.preferences for p in (await stage.around()).staff.values()]
    assert [wish.channels for wish in told] == [("aliyun_sms",), ("mail",)]
    assert told[0] == TEXTING
    await stage.hear(raised(urgency="middle"))
    assert await stage.intents() == ["1 m001 aliyun_sms 1 pending"]
    decided = await stage.rows(select(t.decisions).order_by(t.decisions.c.number))
    assert [(d.decision, d.reason, d.channel) for d in decided] == [
        ("send", "preferred-manager", "aliyun_sms"),
        ("suppress", "preferred-otherwise", "wecom_app"),
    ]
    async with stage.database.begin() as connection:
        assert await preferences.end(connection, number, "cli:ops", MOMENT)
        assert not await preferences.end(connection, number, "cli:ops", MOMENT)
    await stage.hear(updated(2, urgency="middle"))  # no mail address: the usual channel
    assert (await stage.intents())[-1] == "2 m001 wecom_app 1 pending"


async def test_the_ledger_keeps_as_how_many_sms_each_is_charged(stage: Stage) -> None:
    await stage.hear(raised(), updated(2, summary="很长的话" * 40))
    i = t.intents.c
    query = select(i.revision, i.channel, i.sms_parts).order_by(i.number)
    assert [tuple(row) for row in await stage.rows(query)] == [
        (1, "wecom_app", None),
        (1, "aliyun_sms", 1),
        (2, "wecom_app", None),
        (2, "aliyun_sms", 1),  # of 大额出金 the template says the figures, however long it is
    ]
    await stage.hear(raised(rule="first_deposit", message_type="首次入金", summary="长" * 150))
    assert (await stage.rows(query))[-1].sms_parts == 3
    event = raised(rule="first_deposit")
    async with stage.database.connect() as connection:
        told = await story(connection, event.data.alert_id)
    assert [(d.channel, d.sms_parts) for d in told.deliveries] == [
        ("wecom_app", None),
        ("aliyun_sms", 3),
    ]


def asked(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build("notify"), ["notify", "prefer", *arguments])
    return done.exit_code, done.stdout + done.stderr


async def learn(settings: PostgresSettings) -> None:
    database = engine(settings, "notify", pool_size=1)
    async with database.begin() as connection:
        await learn_staff(connection, [manager()])
    await database.dispose()


def test_the_command_sets_lists_and_ends(fresh_database: Callable[..., str]) -> None:
    dsn = fresh_database("notify")
    settings = PostgresSettings.model_validate({"dsn": dsn})
    asyncio.run(learn(settings))
    site = ("--broker", BROKER, "--postgres", dsn)
    code, number = asked("set", "m001", "mail", "wecom_app", "mail", *site)
    assert code == 0, number
    code, listed = asked("list", *site)
    assert code == 0
    assert "m001  mail > wecom_app" in listed
    assert "一直 for good（cli:" in listed
    assert asked("list", "--broker", "other", "--postgres", dsn) == (0, "")
    assert asked("end", number.strip(), "--postgres", dsn)[0] == 0
    assert asked("list", *site) == (0, "")


def test_what_the_command_refuses(fresh_database: Callable[..., str]) -> None:
    dsn = fresh_database("notify")
    site = ("--broker", BROKER, "--postgres", dsn)
    for arguments, named in (
        (("m001", "carrier_pigeon"), "no such channel"),
        (("m001", "mail", "--from", "2026-06-02", "--until", "2026-06-01"), "must follow"),
        (("m009", "mail"), "the directory has no m009"),
    ):
        code, said = asked("set", *arguments, *site)
        assert (code, named in said) == (2, True), said
    code, said = asked("end", "7", "--postgres", dsn)
    assert (code, "there is no preference 7" in said) == (2, True)
    assert asked("list", *site) == (0, "")
