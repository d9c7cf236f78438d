"""Silences, inhibition and repeats over a real PostgreSQL, and the command that writes silences."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.notify.adapters import muting
from services.notify.adapters import tables as t
from services.notify.domain.muting import Silence
from shared.clock import WallClock
from tests.kit.alerts import ACCOUNT, BROKER, MOMENT, customer_changed, raised, updated, withdrawn
from tests.kit.notify_ledger import Stage, ledger_stage, manager

pytestmark = pytest.mark.integration
MINUTE = timedelta(minutes=1)
USAGE: dict[str, Any] = {"rule": "margin_usage", "urgency": "middle"}
FORCED: dict[str, Any] = {"rule": "forced_liquidation"}


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), customer_changed("c1"))
        yield made


async def decided(stage: Stage) -> list[str]:
    query = select(t.decisions).order_by(t.decisions.c.number)
    rows = await stage.rows(query)
    return [f"{r.revision} {r.decision} {r.reason} {r.because_of or ''}".strip() for r in rows]


async def test_a_silence_is_named_by_each_alert_it_keeps_quiet(stage: Stage) -> None:
    silence = Silence(0, BROKER, MOMENT, MOMENT + 5 * MINUTE, "切换", "cli:ops", account=ACCOUNT)
    async with stage.database.begin() as connection:
        number = await muting.add(connection, silence)
    await stage.hear(raised())
    assert await stage.intents() == []
    assert await decided(stage) == [f"1 suppress silenced silence {number}"]
    async with stage.database.begin() as connection:
        assert await muting.end(connection, number, "cli:other", MOMENT + MINUTE)
        assert not await muting.end(connection, number, "cli:other", MOMENT + MINUTE)
    stage.clock.advance(MOMENT + MINUTE)
    await stage.hear(updated(2))
    assert len(await stage.intents()) == 2


async def test_after_a_forced_liquidation_its_account_hears_no_margin_alerts(
    stage: Stage,
) -> None:
    await stage.hear(raised(**FORCED), raised(**USAGE))
    assert (await decided(stage))[-1] == "1 suppress inhibited forced_liquidation"
    await stage.hear(withdrawn(2, **FORCED), updated(2, **USAGE))
    assert (await decided(stage))[-1] == "2 send manager"


async def test_raised_again_within_the_interval_is_no_news(stage: Stage) -> None:
    await stage.hear(raised(**USAGE), raised(**USAGE, episode="2026-06-01-2"))
    assert await decided(stage) == [
        "1 send manager",
        "1 suppress repeat-interval margin_usage",
    ]
    stage.clock.advance(MOMENT + 31 * MINUTE)
    await stage.hear(raised(**USAGE, episode="2026-06-01-3"))
    assert (await decided(stage))[-1] == "1 send manager"


async def test_told_withdrawn_and_raised_again_is_news(stage: Stage) -> None:
    await stage.hear(raised(**USAGE), withdrawn(2, **USAGE))
    await stage.hear(raised(**USAGE, episode="2026-06-01-2"))
    assert (await decided(stage))[-1] == "1 send manager"


def asked(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(build("notify"), ["notify", "silence", *arguments])
    return done.exit_code, done.stdout + done.stderr


def test_the_command_adds_lists_and_ends(fresh_database: Callable[..., str]) -> None:
    dsn = fresh_database("notify")
    until = f"{WallClock().now() + 2 * timedelta(days=1):%Y-%m-%d}"
    site = ("--broker", BROKER, "--postgres", dsn)
    why = ("--until", until, "--reason", "系统切换")
    code, number = asked("add", *site, *why, "--account", ACCOUNT, "--rule", "margin_usage")
    assert code == 0, number
    code, listed = asked("list", *site)
    assert code == 0
    assert "规则 margin_usage" in listed
    assert "系统切换（cli:" in listed
    assert ACCOUNT not in listed
    assert asked("list", "--broker", "other", "--postgres", dsn) == (0, "")
    assert asked("end", number.strip(), "--postgres", dsn)[0] == 0
    assert asked("list", *site) == (0, "")
    code, said = asked("end", number.strip(), "--postgres", dsn)
    assert (code, "there is no silence" in said) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--until", "2099-01-01", "--account", "1"), "31 days"),
        (("--until", "2001-01-01", "--account", "1"), "must follow"),
        (("--until", "2099-01-01"), "--manager is needed"),
    ],
)
def test_what_the_command_refuses(arguments: tuple[str, ...], named: str) -> None:
    code, said = asked("add", "--broker", BROKER, "--reason", "x", *arguments)
    assert code == 2
    assert named in " ".join(said.split())
