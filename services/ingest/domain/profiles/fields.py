"""字段 — the canonical kinds of rows that a profile may fill, and the fields of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.ingest.domain.trade_words import DIRECTIONS, EXCHANGES, HEDGES, OFFSETS, SIDES
from shared.contracts.trading import FundsChannel, OrderStatus


class Form(StrEnum):
    """What a cell holds."""

    CODE = "code"
    INSTRUMENT = "instrument"
    TEXT = "text"
    MONEY = "money"
    PRICE = "price"
    LOTS = "lots"
    DAY = "day"
    MOMENT = "moment"
    WORD = "word"


@dataclass(frozen=True)
class Field:
    """One field. ``words``: what may stand in it without a table of values of the profile's."""

    form: Form
    required: bool = False
    words: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of rows. ``live``: each row is an event of its own, as if it were pushed.

    ``whole``: a file holds everything of its trading day, what it lacks is not so. ``tags``: other
    fields than these become tags. A kind that is neither is of a trading day, row by row.
    """

    fields: Mapping[str, Field]
    live: bool = False
    whole: bool = False
    tags: bool = False

    @property
    def of_a_day(self) -> bool:
        """Say whether its files carry the trading day in their names."""
        return not self.live and "trading_day" in self.fields


CHANNELS = {
    "银期转账": "bank-transfer",
    "银期": "bank-transfer",
    "出入金": "manual",
    "手工": "manual",
    **{channel.value: channel.value for channel in FundsChannel},
}
FLOWS = {
    "入金": "deposit",
    "出金": "withdrawal",
    "冲正": "reversal",
    **{name: name for name in ("deposit", "withdrawal", "reversal")},
}
STATUSES = {status.value: status.value for status in OrderStatus}


def _fields(form: Form, names: str) -> dict[str, Field]:
    """Return fields of one form; a name that ends with ``!`` is required."""
    return {name.rstrip("!"): Field(form, name.endswith("!")) for name in names.split()}


def _word(words: Mapping[str, Any], required: bool = True) -> Field:
    return Field(Form.WORD, required, words)


_WHOSE = _fields(Form.CODE, "account!") | _fields(Form.DAY, "trading_day")
_BALANCES = _fields(Form.MONEY, "equity! available!") | _fields(
    Form.MONEY, "margin exchange_margin close_profit position_profit commission deposit withdrawal"
)
_FUNDS = {
    **_WHOSE,
    **_fields(Form.MONEY, "amount deposit withdrawal"),
    "direction": _word(FLOWS, required=False),
    "channel": _word(CHANNELS, required=False),
    **_fields(Form.TEXT, "currency serial reverses"),
    **_fields(Form.MOMENT, "happened_at"),
}
_INSTRUMENT = {"exchange": _word(EXCHANGES), **_fields(Form.INSTRUMENT, "instrument!")}
_TRADE = {
    **_WHOSE,
    **_INSTRUMENT,
    **_fields(Form.TEXT, "trade_id! order_id"),
    "direction": _word(DIRECTIONS),
    "offset": _word(OFFSETS),
    "hedge": _word(HEDGES, required=False),
    **_fields(Form.LOTS, "lots!"),
    **_fields(Form.PRICE, "price!"),
    **_fields(Form.MONEY, "turnover premium"),
    **_fields(Form.MOMENT, "executed_at!"),
}
_HOLDING = {
    **_WHOSE,
    **_INSTRUMENT,
    "side": _word(SIDES),
    "hedge": _word(HEDGES, required=False),
    **_fields(Form.LOTS, "lots! today_lots"),
    **_fields(Form.PRICE, "average_price settlement_price"),
    **_fields(Form.MONEY, "margin profit_mtm profit_tbt"),
}
_ORDER = {
    **_WHOSE,
    **_INSTRUMENT,
    **_fields(Form.TEXT, "order_id! reason!"),
    "direction": _word(DIRECTIONS),
    **_fields(Form.LOTS, "lots! filled!"),
    **_fields(Form.MONEY, "price!"),
    "status": _word(STATUSES),
    **_fields(Form.MOMENT, "at!"),
}
_RELATIONS = "account! customer_id! customer_name! customer_type! manager_id branch_id since"
_STAFF = "staff_id! name! role! branch_id leader_id wecom_userid mobile email duty_hours"
_BASELINES = "account! opened_on! last_trade_on last_position_on risk_level risk_level_until"
_PERSON = "birthday occupation income_source"

KINDS: Mapping[str, Kind] = {
    "funds": Kind(_FUNDS, live=True),
    "funds-of-day": Kind(_FUNDS, whole=True),
    "snapshots": Kind(_WHOSE | _BALANCES | _fields(Form.MOMENT, "at!"), live=True),
    "balances": Kind(
        _WHOSE
        | _BALANCES
        | _fields(Form.MONEY, "opening_equity")
        | _fields(Form.LOTS, "traded_lots position_lots")
    ),
    "executions": Kind(_TRADE, live=True),
    "trades": Kind(_TRADE | _fields(Form.MONEY, "fee profit_mtm profit_tbt")),
    "trades-of-day": Kind(_TRADE | _fields(Form.MONEY, "fee profit_mtm profit_tbt"), whole=True),
    "holdings": Kind(_HOLDING | _fields(Form.MOMENT, "at!"), live=True),
    "positions-of-day": Kind(_HOLDING, whole=True),
    "forced-orders": Kind(_ORDER, live=True),
    "relations": Kind(_fields(Form.TEXT, f"{_RELATIONS} introducing_broker"), tags=True),
    "staff": Kind(_fields(Form.TEXT, f"{_STAFF} successor_id"), tags=True),
    "baselines": Kind(_fields(Form.TEXT, f"{_BASELINES} certificate_until {_PERSON}")),
    "agreements": Kind(_fields(Form.TEXT, "account! kind! starts_on ends_on! note")),
}
DIRECTORY = frozenset({"relations", "staff", "baselines", "agreements"})
"""Kinds whose rows are those of the directory files, and judged by them."""
