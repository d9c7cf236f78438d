"""监控中心 — what the cells of CFMMC files mean: flags, numbers, days and times.

The flags: S SHFE, Z CZCE, D DCE, J CFFEX, N INE, G GFEX; B buy, S sell; O open, L close;
S speculation, H hedge, A arbitrage; C call, P put.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

from services.ingest.domain.dealt import OptionOf
from services.ingest.domain.option_code import of_an_index
from services.ingest.domain.rows import (
    BadRow,
    Unreadable,
    calendar_date,
    code,
    instrument_code,
    money,
)
from services.ingest.domain.source import Cells, Context
from shared.contracts.dealings import Direction, Exchange, Hedge, Offset, Side
from shared.kernel.hours import UnknownProduct
from shared.kernel.money import exact_price
from shared.kernel.trading_day import CHINA, EVENING, TradingDay

T = TypeVar("T")
Kind = Literal["call", "put"]

EXCHANGES = {
    "S": Exchange.SHFE,
    "Z": Exchange.CZCE,
    "D": Exchange.DCE,
    "J": Exchange.CFFEX,
    "N": Exchange.INE,
    "G": Exchange.GFEX,
}
DIRECTIONS: dict[str, Direction] = {"B": "buy", "S": "sell"}
SIDES: dict[str, Side] = {"B": "long", "S": "short"}
OFFSETS = {"O": Offset.OPEN, "L": Offset.CLOSE}
HEDGES: dict[str, Hedge] = {"S": "speculation", "H": "hedge", "A": "arbitrage"}
OPTIONS: dict[str, Kind] = {"C": "call", "P": "put"}

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_TOKEN = re.compile(r"[!-.0-~]{1,40}", re.ASCII)  # no blank, no slash
_LOTS = re.compile(r"\d{1,9}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):?(\d{2}):?(\d{2})(?:\.\d+)?", re.ASCII)
_MOST_DECIMALS = 6
_SMALL_HOURS = 4  # the last night session ends before


def file_day(cells: Cells, context: Context) -> TradingDay:
    """Return the file's trading day; raises ``BadRow`` for a row of another one."""
    if context.day is None:
        raise Unreadable("the name carries no day")
    told, day = cells["date"], context.day
    if told != day.isoformat() and calendar_date(told, "date") != day:
        raise BadRow("date", f"{told[:20]} is not the file's day {day}")
    return day


def in_yuan(cells: Cells) -> None:
    """Raise ``BadRow`` for a row in another currency: its amounts are taken as 元."""
    if cells.get("currency", "") not in ("", "CNY", "RMB"):
        raise BadRow("currency", "only CNY is taken")


def currency(cells: Cells) -> str:
    """Return the currency; RMB and nothing at all are CNY."""
    text = cells.get("currency", "")
    named = {"": "CNY", "RMB": "CNY"}.get(text, text)
    if not _CURRENCY.fullmatch(named):
        raise BadRow("currency", f"not a currency: {text[:20]!r}")
    return named


def flag(cells: Cells, place: str, meanings: Mapping[str, T]) -> T:
    """Return what a flag means; raises ``BadRow`` for one that is not known."""
    found = meanings.get(cells[place])
    if found is None:
        known = " ".join(meanings)
        raise BadRow(place, f"none of {known}" if cells[place] else "missing")
    return found


def exchange_of(cells: Cells, context: Context) -> Exchange:
    """Return where an instrument trades, by its code: some files have no column for it."""
    named = instrument_code(cells["instrument_id"], "instrument_id")
    if of_an_index(named):
        return Exchange.CFFEX
    try:
        return Exchange(context.calendar.timetable.of(named, file_day(cells, context)).exchange)
    except UnknownProduct:
        reason = f"no exchange is known for {named}: add the product's hours to the calendar"
        raise BadRow("instrument_id", reason) from None


def token(cells: Cells, place: str) -> str:
    """Return a trade's or order's number; raises ``BadRow``."""
    text = cells[place]
    if not _TOKEN.fullmatch(text):
        raise BadRow(place, "1 to 40 characters without blanks or slashes expected")
    return text


def token_or_none(cells: Cells, place: str) -> str | None:
    """Return a number, or None where the file has none."""
    return token(cells, place) if cells.get(place) else None


def option(cells: Cells, strike: str) -> OptionOf:
    """Return what an option is of; ``strike`` names the column of its price."""
    underlying = cells.get("underlying_instrument", "")
    return OptionOf(
        flag(cells, "option_type", OPTIONS),
        price(cells, strike),
        code(underlying, "underlying_instrument") if underlying else None,
    )


def lots(cells: Cells, place: str, at_least: int = 1) -> int:
    """Return 手; raises ``BadRow``."""
    text = cells[place]
    if not _LOTS.fullmatch(text) or int(text) < at_least:
        raise BadRow(place, f"not a number of lots: {text[:20]!r}")
    return int(text)


def amount(cells: Cells, place: str) -> Decimal:
    """Return 元 without trailing zeros, so that 100 and 100.00 say the same."""
    return _plain(money(cells[place], place))


def amount_or_none(cells: Cells, place: str) -> Decimal | None:
    """Return 元, or None where the file has no such column or nothing in it."""
    return amount(cells, place) if cells.get(place) else None


def price(cells: Cells, place: str) -> Decimal:
    """Return a price without trailing zeros; raises ``BadRow``."""
    try:
        return _plain(exact_price(cells[place]))
    except ValueError as failure:
        raise BadRow(place, str(failure)) from None


def average_or_none(cells: Cells, place: str) -> Decimal | None:
    """Return a reckoned price; what is finer than six decimals says nothing and is cut off."""
    text = cells.get(place, "")
    if not text:
        return None
    whole, point, decimals = text.partition(".")
    cut = decimals[:_MOST_DECIMALS] if decimals.isdigit() else decimals
    return price({place: f"{whole}{point}{cut}"}, place)


def moment(cells: Cells, place: str, context: Context) -> datetime:
    """Return when it was, by the clock and the file's trading day alone.

    A night session's date is the evening's before it, or the morning's after that evening: the
    exchanges write different ones into the files, so what the file says of the date is not used.
    """
    day, found = file_day(cells, context), _TIME.fullmatch(cells[place])
    try:
        at = time(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        at = None
    if at is None:
        raise BadRow(place, f"not a time of day: {cells[place][:20]!r}")
    on: date = day
    if at >= EVENING or at.hour < _SMALL_HOURS:
        on = context.calendar.before(day) + timedelta(days=at < EVENING)
    return datetime.combine(on, at, CHINA)


def elsewhen(cells: Cells, at: datetime, context: Context) -> bool:
    """Say whether the file dates a trade otherwise than its trading day or its night does."""
    text, day = cells.get("trade_date", ""), file_day(cells, context)
    if not text:
        return False
    told = calendar_date(text, "trade_date")
    return told not in (day, at.date()) and told != context.calendar.before(day)


def _plain(number: Decimal) -> Decimal:
    return number.normalize() + 0
