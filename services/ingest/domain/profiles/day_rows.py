"""日终行 — rows of a trading day, as the CFMMC files of the same things are read."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from services.ingest.domain.dealt import HoldingRow, TradeRow
from services.ingest.domain.option_code import option_of
from services.ingest.domain.profiles.live_rows import flow, happened_on
from services.ingest.domain.profiles.values import Value
from services.ingest.domain.rows import BadRow
from services.ingest.domain.settlement import LOTS, MONEY, Figures
from services.ingest.domain.sources.cusfund import FundRow
from services.ingest.domain.sources.fundchg import FundsRow
from shared.contracts.trading import FundsChannel
from shared.kernel.money import to_li
from shared.kernel.trading_day import TradingDay

Values = Mapping[str, Value]


class Dated(NamedTuple):
    """A row and the trading day it is of: a query may bring rows of several days."""

    day: TradingDay
    row: Any


def moved(day: TradingDay, values: Values) -> Dated:
    """Return a movement as ``fundchg`` has it: out is negative."""
    direction, amount = flow(values)
    if direction == "reversal":
        raise BadRow("direction", "a day's file has no reversals: it lacks what was taken back")
    on = happened_on(values, day)
    row = FundsRow(
        account=str(values["account"]),
        trading_day=day,
        amount=amount if direction == "deposit" else -amount,
        currency=str(values.get("currency", "CNY")).replace("RMB", "CNY"),
        channel=FundsChannel(str(values.get("channel", "manual"))),
        happened_on=on,
        elsewhen=on != day,
    )
    return Dated(day, row)


def settled(day: TradingDay, values: Values) -> Dated:
    """Return an account's figures; margin that is not told is the rest of the equity."""
    equity, available = _amount(values, "equity"), _amount(values, "available")
    rest = equity - available
    margin = _amount(values, "margin") if "margin" in values else rest if rest >= 0 else None
    opening = _amount(values, "opening_equity") if "opening_equity" in values else None
    more = {name: to_li(_amount(values, name)) for name in MONEY if name in values}
    lots = {name: value for name in LOTS if isinstance(value := values.get(name), int)}
    row = FundRow(str(values["account"]), equity, available, opening, margin)
    return Dated(day, Figures(row, more | lots))


def traded(day: TradingDay, values: Values) -> Dated:
    """Return a trade; its numbers may hold neither blank nor slash, which part names."""
    executed_at = values["executed_at"]
    if not isinstance(executed_at, datetime):
        raise BadRow("executed_at", "not a moment")
    if set(str(values["trade_id"])) & {"/", " "}:
        raise BadRow("trade_id", "neither blanks nor slashes expected")
    told: dict[str, Any] = {"hedge": "speculation", **values}
    if told["lots"] == 0:
        raise BadRow("lots", "no lot")
    told |= {"option": option_of(told["instrument"]), "elsewhen": False}
    given: dict[str, Any] = {name: told.get(name) for name in TradeRow.__struct_fields__}
    return Dated(day, TradeRow(**given))


def held(day: TradingDay, values: Values) -> Dated:
    """Return a holding."""
    told: dict[str, Any] = {"hedge": "speculation", **values, "part": ""}
    told["option"] = option_of(told["instrument"])
    given: dict[str, Any] = {name: told.get(name) for name in HoldingRow.__struct_fields__}
    return Dated(day, HoldingRow(**given))


def _amount(values: Values, name: str) -> Decimal:
    amount = values[name]
    if not isinstance(amount, Decimal):
        raise BadRow(name, "not an amount")
    return amount
