"""持仓流 — CTP tells a holding in parts, today's and earlier days'; a snapshot is of the whole."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from services.ingest.domain.ctp.dealings import HEDGES
from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.records import Arrival, Position
from services.ingest.domain.rows import BadRow
from shared.contracts.dealings import Holding, HoldingSnapshot, PositionSnapshotted

SIDES = {"2": "long", "3": "short"}
NET = "1"


class Key(NamedTuple):
    """Whose holding of what, on which side, on which day."""

    account: str
    day: str
    exchange: str
    instrument: str
    side: str
    hedge: str


class Holdings:
    """The parts of every holding, as last told. The same part again changes nothing."""

    def __init__(self) -> None:
        self._parts: dict[Key, dict[str, Position]] = defaultdict(dict)

    def fold(self, arrival: Arrival, record: Position, desk: Desk) -> PositionSnapshotted:
        """Return the holding as it is after this part of it."""
        if record.posi_direction == NET:
            raise Unused("net")
        fact = desk.fact(arrival, record)
        key = _key(arrival, record, fact)
        parts = self._parts[key]
        parts[record.position_date] = record
        data = HoldingSnapshot(**fact, holding=_holding(key, list(parts.values())), at=arrival.at)
        number = record.uniq_sequence_no
        name = str(number) if number else f"{'/'.join(key[2:])}/{fact['account']}/{arrival.at}"
        return PositionSnapshotted(**desk.head(arrival, fact, name), time=arrival.at, data=data)

    def forget_other_days(self, day: str) -> None:
        """Keep what is held on one day."""
        kept = {key: parts for key, parts in self._parts.items() if key.day == day}
        self._parts = defaultdict(dict, kept)


def _key(arrival: Arrival, record: Position, fact: dict[str, Any]) -> Key:
    side, hedge = SIDES.get(record.posi_direction), HEDGES.get(record.hedge_flag)
    if side is None:
        raise BadRow("PosiDirection", f"unknown: {record.posi_direction!r}")
    if hedge is None:
        raise BadRow("HedgeFlag", f"unknown: {record.hedge_flag!r}")
    what = (record.exchange_id, record.instrument_id, side, hedge)
    return Key(fact["account"], arrival.trading_day, *what)


def _holding(key: Key, parts: list[Position]) -> Holding:
    settled = [part.settlement_price for part in parts if part.settlement_price]
    return Holding.model_validate(
        {
            "exchange": key.exchange,
            "instrument": key.instrument,
            "side": key.side,
            "hedge": key.hedge,
            "lots": sum(part.position for part in parts),
            "today_lots": sum(part.today_position for part in parts),
            "settlement_price": settled[-1] if settled else None,
            "margin": _sum([part.use_margin for part in parts]),
            "profit_mtm": _sum([part.position_profit for part in parts]),
        }
    )


def _sum(figures: list[Decimal | None]) -> Decimal | None:
    """Return the sum; unknown when a part's is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known, Decimal(0)) if len(known) == len(figures) else None
