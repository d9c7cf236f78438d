"""``guanchao calendar check | show``: is the trading calendar usable, and what does it say."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.kernel.calendar_form import WrongCalendar, weekend
from shared.kernel.hours import UnknownProduct
from shared.kernel.sessions import evening_before, sessions
from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage

FINE, WARNED, WRONG = 0, 1, 2
SOON = 40  # trading days; the exchanges announce a year about that long before it begins
USUAL_YEAR = range(235, 252)  # trading days of a whole year
STALE = timedelta(days=400)
VARIABLES = (
    "INGEST_CALENDAR",
    "MOT_CALENDAR",
    "NOTIFY_CALENDAR",
    "PROFILE_CALENDAR",
    "SYNTHETIC_CALENDAR",
)
WEEKDAYS = "一二三四五六日"
DAY = "%Y-%m-%d"

app = typer.Typer(no_args_is_help=True, help="交易日历：检查、查看 · the trading calendar")
File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="日历文件，缺省是服务在用的 · else the one in use"),
]
Today = Annotated[
    datetime | None,
    typer.Option(formats=[DAY], help="当作今天，缺省是此刻 · as seen from this day"),
]


class InUse(BaseSettings):
    """The files that the services are told to use, by the same variables."""

    model_config = SettingsConfigDict(frozen=True)

    ingest_calendar: Path | None = None
    mot_calendar: Path | None = None
    notify_calendar: Path | None = None
    profile_calendar: Path | None = None
    synthetic_calendar: Path | None = None


@app.command()
def check(file: File = None, today: Today = None) -> None:
    """检查日历：错在哪，到哪天，还剩几天 · whether it is usable, and how far it reaches.

    退出码：0 可用，1 可用但要处理（见 !），2 不能用。

    Exit code: 0 usable, 1 usable but something must be done (see the !), 2 refused.
    """
    calendar, warnings = _calendar(file)
    seen_from = today.date() if today else WallClock().now().astimezone(CHINA).date()
    typer.echo("\n".join(_described(calendar, seen_from)))
    warnings += _warnings(calendar, seen_from)
    for warning in warnings:
        typer.echo(f"! {warning}", err=True)
    raise typer.Exit(WARNED if warnings else FINE)


@app.command()
def show(
    day: Annotated[datetime, typer.Argument(formats=[DAY], help="日期 · a date")],
    product: Annotated[str | None, typer.Option(help="品种或合约，如 au · a product")] = None,
    calendar: Annotated[Path | None, typer.Option(help="日历文件 · a calendar file")] = None,
) -> None:
    """一天：是不是交易日，有没有夜盘，某品种几点到几点 · one day, its nights, a product's hours."""
    known, _ = _calendar(calendar)
    try:
        lines = list(_shown(known, day.date(), product))
    except OutsideCoverage as outside:
        _refuse(f"日历不知道这一天：{outside}", "outside the calendar: extend it")
    except UnknownProduct as unknown:
        _refuse(f"没有这个品种：{unknown}", "add it under products in the calendar file")
    typer.echo("\n".join(lines))


def _calendar(file: Path | None) -> tuple[Calendar, list[str]]:
    """Return the calendar asked about, and what is wrong with how the services are told of it."""
    told = InUse()
    files = {name: getattr(told, name.lower()) for name in VARIABLES}
    used = [path for path in files.values() if path]
    try:
        found = calendar_at(file or (used[0] if used else None))
        versions = {name: calendar_at(path).version for name, path in files.items()}
    except WrongCalendar as wrong:
        _refuse(f"日历文件有错：{wrong}", "the calendar file is refused")
    if file or len(set(versions.values())) == 1:
        return found, []
    said = ", ".join(f"{name}={version}" for name, version in versions.items())
    return found, [f"服务用的日历不是同一个 · the services are told of different ones: {said}"]


def _described(calendar: Calendar, today: date) -> Iterator[str]:
    nights = {hours.product for hours in calendar.timetable.lines if hours.night}
    yield f"✓ {calendar.version}"
    yield f"  覆盖 covers    {calendar.first} … {calendar.last}"
    left = calendar.days_left(today)
    yield f"  交易日 days     {len(calendar.days)}，{today} 之后还有 left {left}"
    yield f"  下次休市 closed  {_next_closed(calendar, today) or '不知道 unknown'}"
    evenings = [str(day) for day in sorted(calendar.no_night) if day >= today]
    yield f"  无夜盘 no night {'、'.join(evenings[:6]) or '不知道 unknown'}"
    table, counted = calendar.timetable, len(calendar.timetable.products)
    by_night = f"{len(nights)} 个有夜盘 with a night"
    yield f"  品种时段 hours   {table.version}，{counted} 个品种 products，{by_night}"


def _warnings(calendar: Calendar, today: date) -> list[str]:
    left = calendar.days_left(today)
    found = []
    if left < SOON:
        found.append(
            f"只剩 {left} 个交易日，到 {calendar.last} 为止：把交易所公布的下一年写进日历文件"
            f"（docs/operations/calendar.md），或升级 · {left} trading days left: enter the next"
            " year in a calendar file, or upgrade"
        )
    for year in range(calendar.first.year, calendar.last.year + 1):
        days = sum(day.year == year for day in calendar.days)
        whole = calendar.first <= date(year, 1, 1) and date(year, 12, 31) <= calendar.last
        if whole and days not in USUAL_YEAR:
            found.append(f"{year} 有 {days} 个交易日，常年 240 左右 · an unusual number of days")
    stale = sorted({h.product for h in calendar.timetable.lines if today - h.verified_on > STALE})
    if stale:
        found.append(f"这些品种的时段一年多没核对 · hours not verified: {', '.join(stale)}")
    return found


def _next_closed(calendar: Calendar, today: date) -> str | None:
    known = set(calendar.days)
    day = max(today, calendar.first)
    while (day := day + timedelta(days=1)) <= calendar.last:
        if day not in known and not weekend(day):
            return f"{day}（{WEEKDAYS[day.weekday()]}），{calendar.before(day)} 之后"
    return None


def _shown(calendar: Calendar, day: date, product: str | None) -> Iterator[str]:
    trades = calendar.is_trading_day(day)
    what = "交易日 a trading day" if trades else "不是交易日 no trading day"
    yield f"{day}（{WEEKDAYS[day.weekday()]}）{what}  [{calendar.version}]"
    before, after = _known(lambda: calendar.before(day)), _known(lambda: calendar.after(day))
    yield f"  前一交易日 before {before}，后一交易日 after {after}"
    if not trades:
        return
    eve = _known(lambda: evening_before(day, calendar))
    yield f"  所属夜盘 its night {f'{eve} 晚 evening' if eve else '没有 none'}"
    following = "没有 none" if day in calendar.no_night else f"有，属于 belongs to {after}"
    yield f"  当晚夜盘 that evening {following}"
    if product:
        hours = calendar.timetable.of(product, day)
        spans = [f"{s.begin:%m-%d %H:%M}–{s.end:%H:%M}" for s in sessions(day, product, calendar)]
        yield f"  {hours.exchange}.{hours.product}  {'，'.join(spans)}"
        yield f"  出处 source {hours.source}，核对于 verified on {hours.verified_on}"


def _known(ask: Callable[[], date | None]) -> date | str | None:
    """Return the answer, or that the calendar does not reach so far."""
    try:
        return ask()
    except OutsideCoverage:
        return "不知道 unknown"


def _refuse(chinese: str, english: str) -> NoReturn:
    typer.echo(f"✗ {chinese} | {english}", err=True)
    raise typer.Exit(WRONG)
