"""出入金 — CFMMC ``fundchg``: one row a movement of money, + in, − out, with its own 发生日期.

The file has no time of day: 00:00 of 发生日期 stands for "time unknown". Its lines hold numbers of
bank accounts, so the bad ones are sealed.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.ingest.domain.cfmmc import currency, file_day
from services.ingest.domain.columns import shipped
from services.ingest.domain.positional import Positional
from services.ingest.domain.rows import BadRow, calendar_date, code, money
from services.ingest.domain.source import Cells, Context
from shared.contracts.topics import ACCOUNT
from shared.contracts.trading import FundsChannel
from shared.kernel.trading_day import OutsideCoverage, TradingDay

CHANNELS = {
    "银期转账": FundsChannel.BANK_TRANSFER,
    "银期换汇": FundsChannel.BANK_TRANSFER,
    "出入金": FundsChannel.MANUAL,
}


@dataclass(frozen=True, slots=True)
class FundsRow:
    """One movement. ``amount`` keeps the file's sign; ``elsewhen``: not of the file's own day."""

    account: str
    trading_day: TradingDay
    amount: Decimal
    currency: str
    channel: FundsChannel
    happened_on: date
    elsewhen: bool


def read(cells: Cells, context: Context) -> FundsRow:
    """Return the movement; its trading day is 发生日期 when that is one, else the file's."""
    day = file_day(cells, context)
    amount = money(cells["amount"], "amount")
    if amount == 0:
        raise BadRow("amount", "no money moved")
    told = cells.get("trade_date", "")
    happened_on = calendar_date(told, "trade_date") if told else day
    return FundsRow(
        account=code(cells["investor_id"], "investor_id"),
        trading_day=_trading_day(happened_on, day, context),
        amount=amount,
        currency=currency(cells),
        channel=_channel(cells),
        happened_on=happened_on,
        elsewhen=happened_on != day,
    )


def _trading_day(happened_on: date, day: TradingDay, context: Context) -> TradingDay:
    try:
        own = context.calendar.is_trading_day(happened_on)
    except OutsideCoverage as failure:
        raise BadRow("trade_date", str(failure)) from None
    if happened_on > day:
        raise BadRow("trade_date", f"{happened_on} is after the file's day {day}")
    return TradingDay(happened_on) if own else day


def _channel(cells: Cells) -> FundsChannel:
    told = CHANNELS.get(cells.get("funding_type", ""))
    if told is None and "银期" in cells.get("memo", ""):
        return FundsChannel.BANK_TRANSFER
    return told or FundsChannel.MANUAL


source = Positional(
    name="fundchg",
    order=3,
    topic=ACCOUNT,
    pattern=re.compile(r"\d*fundchg(?P<day>\d{8})\.txt", re.IGNORECASE),
    read=read,
    dated=True,
    personal=True,
    columns=shipped()["fundchg"],
    may_be_empty=True,
)
