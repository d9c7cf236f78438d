"""``guanchao profile nightly`` and ``erasure`` over the real PostgreSQL: what they say and do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from services.profile.adapters.nights import Nights
from services.profile.commands.profile import app
from shared.kernel.trading_day import china
from tests.kit.profile import BROKER, DAY, Stage, client, profile_stage, relation, told

pytestmark = pytest.mark.integration
NEXT = DAY + timedelta(days=1)
WHY = ("--reason", "client asks in writing")


@pytest.fixture
async def stage(fresh_database: Callable[[], str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database()) as made:
        yield made


async def asked(stage: Stage, *words: str) -> Result:
    dsn = stage.database.url.render_as_string(hide_password=False)
    return await asyncio.to_thread(CliRunner().invoke, app, [*words, "--postgres", dsn])


async def test_the_night_says_how_a_day_stands(stage: Stage) -> None:
    async def nightly(*words: str) -> tuple[int, str]:
        done = await asked(stage, "nightly", "--broker", BROKER, *words)
        return done.exit_code, done.output

    assert await nightly() == (0, "✓ 没有该算的 · nothing is due\n")
    code, said = await nightly("--day", f"{DAY}")
    assert (code, "还没有在每个分区收盘" in said) == (2, True)
    await stage.tell(told("account.settled"))
    await stage.close(DAY, NEXT)
    code, said = await nightly("--day", f"{DAY}", "--nights", "1")
    assert (code, f"{NEXT} indicators" in said, "--nights" in said) == (2, True, True)
    code, said = await nightly("--day", f"{DAY}")
    assert (code, f"  {DAY} indicators: 1 行 rows" in said) == (0, True)
    code, said = await nightly("--day", f"{DAY}")
    assert (code, said.startswith(f"✓ {DAY} 早已算过，要重算加 --again")) == (0, True)
    code, said = await nightly("--day", f"{NEXT}", "--again")
    assert (code, f"{NEXT} indicators" in said, f"{DAY}" in said) == (0, True, False)
    code, said = await nightly("--again")
    assert (code, "--again 要和 --day 一起用" in said) == (2, True)


async def test_the_night_says_what_is_missing(stage: Stage) -> None:
    before = china().before(DAY)
    for n, account in enumerate(("80000001", "80000002", "80000003"), 1):
        named = {"account": account, "trading_day": before.isoformat()}
        await stage.tell(told("account.settled", n, **named))
    untold = dict.fromkeys(("opening_equity", "close_profit", "position_profit"))
    await stage.tell(
        told("account.settled", 4, account="80000001", **untold),
        told("account.settled", 5, account="80000002"),
        told("account.opened", 6, account="80000003", closed_on=None, status="open"),
    )
    await stage.close(before, DAY)
    done = await asked(stage, "nightly", "--broker", BROKER)
    assert f"⚠ {DAY}：1 个账户 accounts，盈亏得不出" in done.output
    assert f"⚠ {DAY}：1 个账户 accounts，前一交易日有结算、当天没有" in done.output
    assert f"⚠ {before}" not in done.output
    await stage.tell(
        told("account.settled", 7, account="80000001"),
        told("account.opened", 8, account="80000003", closed_on=f"{before}", status="closed"),
    )
    done = await asked(stage, "nightly", "--broker", BROKER, "--day", f"{DAY}", "--again")
    assert "⚠" not in done.output
    nights = Nights(stage.database, BROKER, ())
    assert await nights.doubts() == {"result": 0, "settlement": 0}


async def test_a_client_is_blocked_and_deleted_when_it_is_due(stage: Stage) -> None:
    account = "80000001"
    whose = client("c-own", 1, relations=[relation(account, "m1", "b01")])
    closed = told("account.opened", 2, account=account, closed_on="2000-06-01", status="closed")
    await stage.tell(whose, closed, told("account.settled", 3, account=account, traded_lots=0))
    named = f"{BROKER}:c-own"
    for words, why in (
        (("block", "c-own", *WHY), "没有这位客户：c-own"),
        (("block", f"{BROKER}:c-none", *WHY), "没有这位客户"),
        (("block", named, "--reason", "call 13812345678"), "--reason 不行"),
    ):
        refused = await asked(stage, "erasure", *words)
        assert (refused.exit_code, why in refused.output) == (2, True), refused.output
    blocked = await asked(stage, "erasure", "block", named, *WHY)
    assert (blocked.exit_code, f"✓ 封存了 blocked {named}" in blocked.output) == (0, True)
    none = await asked(stage, "erasure", "delete", *WHY)
    assert (none.exit_code, "删了 0 位的 0 行" in none.output) == (0, True)
    await stage.write("UPDATE erasures SET asked_at = '2001-01-01'")
    due = await asked(stage, "erasure", "due")
    assert due.output == f"{named}  2021-01-01\n✓ 1 位 clients\n"
    done = await asked(stage, "erasure", "delete", *WHY)
    assert (done.exit_code, "删了 1 位的" in done.output) == (0, True)
    assert await stage.rows("SELECT account FROM relations") == []
    again = await asked(stage, "erasure", "due")
    assert f"{named}  已删 deleted " in again.output
    noted = await stage.rows("SELECT action, subject, reason FROM audit ORDER BY n")
    said = [(row["action"], row["subject"], row["reason"]) for row in noted]
    assert said == [("client.blocked", "c-own", WHY[1]), ("client.deleted", "c-own", WHY[1])]
