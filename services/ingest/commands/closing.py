"""``guanchao ingest close-day``: a day whose figures come by statements or pulls is closed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ingest.adapters.books import books_of
from services.ingest.agent.closing import ByHand, View
from services.ingest.agent.edition import Taking
from services.ingest.commands.differences import Day
from services.ingest.commands.looks import Look
from services.ingest.commands.places import Postgres, ciphers, database, run
from services.ingest.domain.closing import Objection
from services.ingest.domain.normalise import statement_time
from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.console import Refused
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.trading_day import OutsideCoverage, TradingDay

SHOWN = 10  # accounts that are named
SAID: Mapping[Objection, tuple[str, str]] = {
    Objection.NOT_OVER: (
        "这个交易日还没有结束（15:15 之前）",
        "the trading day is not over before 15:15 in China",
    ),
    Objection.LATER: (
        "更晚的一天已经收市，早的不能再收：补录用 backfill",
        "a later day is closed already: past days are taken by backfill",
    ),
    Objection.NOTHING: (
        "这一天没有一个账户有结算资金",
        "no account has settled on that day",
    ),
}
Yes = Annotated[bool, typer.Option("--yes", help="不再问 · do not ask")]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="ACCOUNT", help="这个账户没有资金，可多次 · has no figures, repeatable"
    ),
]
Broker = Annotated[
    str, typer.Option("--broker", envvar="INGEST_BROKER", help="期货公司编号 · INGEST_BROKER")
]
Calendar = Annotated[
    Path | None, typer.Option("--calendar", envvar="INGEST_CALENDAR", help="日历文件 · calendar")
]


class _Site(BaseSettings):
    """Whether the wall's clock is the site's: a simulated day may lie in the wall's future."""

    model_config = SettingsConfigDict(env_prefix="INGEST_", extra="ignore", frozen=True)

    clock: str = "wall"


def close_day(  # noqa: PLR0913, PLR0917 each is an option of the command
    day: Day,
    broker: Broker,
    yes: Yes = False,
    without: Without = None,
    calendar: Calendar = None,
    postgres: Postgres = None,
) -> None:
    """结算单、拉取来的一天，由人收市 · close a day whose figures came by statements or pulls.

    每个账户的结算资金都要在：前一个结算日有钱或有持仓的，和这天有过记录的。缺的列出来，不收市；
    真的没有（例如已销户）就用 --without 指明。收过的再收一次：只重写差异，什么也不发。
    退出码：0 已收市，2 没有收。

    The figures of every account must be in: those that had money or holdings on the settled day
    before, and those of which anything was told. Who is missing is listed and nothing is closed;
    name whoever has none, such as an account that is gone, by --without. Done again, only the
    differences are written anew. Exit code: 0 closed, 2 not.
    """
    spared = frozenset(without or [])
    known = _trading_day(day, calendar)
    view = run(lambda: _look(postgres, (broker, known, spared)))
    settled, missing = len(view.standing.settled), view.standing.missing(frozenset())
    typer.echo(f"{known}  已结算 settled {settled}  没有资金 without figures {len(missing)}")
    if not (yes or view.closed):
        typer.confirm("收市？ · close the day?", abort=True)
    view = run(lambda: _close(postgres, (broker, known, spared)))
    again = "早已收市，差异重写了 · was closed already, its differences are written anew"
    typer.echo(f"✓ {known}  {again if view.closed else '已收市 · closed'}")


def _trading_day(day: datetime, calendar: Path | None) -> TradingDay:
    try:
        if calendar_at(calendar).is_trading_day(day.date()):
            return TradingDay(day.date())
    except (WrongCalendar, OutsideCoverage) as wrong:
        typer.echo(f"{Refused(f'日历：{wrong}', 'the calendar')}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{Refused(f'{day:%Y-%m-%d} 不是交易日', 'not a trading day')}", err=True)
    raise typer.Exit(2)


Asked = tuple[str, TradingDay, frozenset[str]]


async def _look(dsn: str | None, asked: Asked) -> View:
    by_hand = _by_hand(asked)
    async with database(dsn) as bound, books_of(bound)() as books:
        return _checked(await by_hand.look(books), by_hand)


async def _close(dsn: str | None, asked: Asked) -> View:
    by_hand = _by_hand(asked)
    entry = Look("day.closed", str(by_hand.day)).entry()
    async with database(dsn) as bound, books_of(bound)() as books:
        return _checked(await by_hand.close(books, entry), by_hand)


def _by_hand(asked: Asked) -> ByHand:
    broker, day, without = asked
    sealer, blind = ciphers()
    now = WallClock().now()
    if _Site().clock == "source":
        now = max(now, statement_time(day))
    return ByHand(Taking(broker, day, 1, now, sealer, blind), without)


def _checked(view: View, by_hand: ByHand) -> View:
    """Return the view; raises ``Refused`` with what is in the way."""
    if view.objection is Objection.MISSING:
        lacking = view.standing.missing(by_hand.without)
        named = _named(lacking)
        raise Refused(
            f"{len(lacking)} 个账户没有这一天的结算资金：{named}",
            f"accounts without figures of that day: {len(lacking)}; see --without",
        )
    if view.objection:
        raise Refused(*SAID[view.objection])
    return view


def _named(accounts: Sequence[str]) -> str:
    more = " …" if len(accounts) > SHOWN else ""
    return ", ".join(accounts[:SHOWN]) + more
