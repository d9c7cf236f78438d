"""实时行 — a row of a table is told as it comes, as the event that a push of it would be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import ValidationError

from services.ingest.domain.fact import OWN_SOURCES, digest
from services.ingest.domain.option_code import option_of
from services.ingest.domain.profiles.values import Value
from services.ingest.domain.rows import BadRow
from shared.contracts.stream import STREAM, StreamEvent
from shared.contracts.trading import account_key
from shared.kernel.trading_day import CHINA, TradingDay

Values = Mapping[str, Value]


class Made(NamedTuple):
    """An event's type, its own name within the profile, its moment, and its body."""

    type: str
    name: str
    at: datetime
    body: dict[str, Any]


Make = Callable[[TradingDay, Values], Made]


@dataclass(frozen=True)
class Origin:
    """Whose rows they are, by which profile they are read, and how they came."""

    broker: str
    profile: str
    source: str


def event(make: Make, origin: Origin, day: TradingDay, values: Values) -> StreamEvent:
    """Return the event of a row; raises ``BadRow`` with the field that the contract refuses."""
    made = make(day, values)
    account = str(values["account"])
    data = {
        "broker": origin.broker,
        "account": account,
        "trading_day": day,
        "source": origin.source,
        **{name: value for name, value in made.body.items() if value is not None},
    }
    told = {
        "id": made.name,
        "source": f"{OWN_SOURCES}{origin.profile}",
        "type": made.type,
        "subject": account_key(origin.broker, account),
        "time": made.at,
        "data": data,
    }
    try:
        return STREAM.validate_python(told)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"][2:]) or "row"
        raise BadRow(place, first["msg"].removeprefix("Value error, ")) from None


def moved(day: TradingDay, values: Values) -> Made:
    """入金, 出金, 冲正 — named by its own serial within its account and day."""
    direction, amount = flow(values)
    serial = str(values.get("serial", ""))
    if not serial:
        raise BadRow("serial", "missing")
    at = _at(values, "happened_at") if "happened_at" in values else _unknown(day)
    body = {
        "amount": amount,
        "currency": values.get("currency"),
        "happened_at": at,
        "channel": values.get("channel", "manual"),
        "serial": serial,
        "reverses": values.get("reverses") if direction == "reversal" else None,
    }
    type_ = {"deposit": "funds.deposited", "withdrawal": "funds.withdrawn"}
    name = f"{day}/{values['account']}/{serial}"
    return Made(type_.get(direction, "funds.reversed"), name, at, body)


def flow(values: Values) -> tuple[str, Decimal]:
    """Return a movement's direction and its amount, which is above zero."""
    deposit, withdrawal = _money(values, "deposit"), _money(values, "withdrawal")
    if "amount" not in values:
        if min(deposit, withdrawal) < 0 or bool(deposit) == bool(withdrawal):
            raise BadRow("deposit, withdrawal", "one of them, above zero, expected")
        return ("deposit", deposit) if deposit else ("withdrawal", withdrawal)
    amount = _money(values, "amount")
    if amount == 0:
        raise BadRow("amount", "no money moved")
    if direction := values.get("direction"):
        return str(direction), abs(amount)
    return ("deposit" if amount > 0 else "withdrawal"), abs(amount)


def snapshotted(day: TradingDay, values: Values) -> Made:
    """盘中资金."""
    at = _at(values, "at")
    return Made("account.snapshotted", f"{values['account']}/{at.isoformat()}", at, _body(values))


def executed(day: TradingDay, values: Values) -> Made:
    """成交回报."""
    at = _at(values, "executed_at")
    names = (day, values["account"], values["exchange"], values["trade_id"], values["direction"])
    body = _body(values) | {"option": _option(values)}
    return Made("trade.executed", "/".join(map(str, names)), at, body)


def held(day: TradingDay, values: Values) -> Made:
    """盘中持仓."""
    at = _at(values, "at")
    holding = {"hedge": "speculation", **_body(values), "option": _option(values)}
    del holding["at"]
    names = ("account", "exchange", "instrument", "side")
    name = "/".join([*(str(values[part]) for part in names), str(holding["hedge"]), at.isoformat()])
    return Made("position.snapshotted", name, at, {"holding": holding, "at": at})


def ordered(day: TradingDay, values: Values) -> Made:
    """强平单 — its state now; the same state again is the same fact."""
    at, body = _at(values, "at"), _body(values)
    state = digest([day, *sorted((name, str(value)) for name, value in body.items())])
    return Made("order.force-closed", f"{values['order_id']}/{state[:16]}", at, body)


def _unknown(day: TradingDay) -> datetime:
    """Return what stands for a time of day that nobody told."""
    return datetime.combine(day, time(0), CHINA)


def _body(values: Values) -> dict[str, Any]:
    outer = ("account", "trading_day")
    return {name: value for name, value in values.items() if name not in outer}


def _option(values: Values) -> dict[str, Any] | None:
    option = option_of(str(values["instrument"]))
    if option is None:
        return None
    return {"kind": option.kind, "strike": option.strike, "underlying": option.underlying}


def _at(values: Values, name: str) -> datetime:
    at = values[name]
    if not isinstance(at, datetime):
        raise BadRow(name, "not a moment")
    return at


def _money(values: Values, name: str) -> Decimal:
    amount = values.get(name, Decimal(0))
    if not isinstance(amount, Decimal):
        raise BadRow(name, "not an amount")
    return amount


def happened_on(values: Values, day: TradingDay) -> date:
    """Return the date of a movement: its moment's, else its trading day."""
    at = values.get("happened_at")
    return at.date() if isinstance(at, datetime) else day
