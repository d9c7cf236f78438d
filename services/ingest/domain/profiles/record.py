"""记录 — a row of a query as cells of text: exact, or refused with its column."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

import msgspec

from services.ingest.domain.rows import BadRow
from services.ingest.domain.source import Cells
from shared.kernel.trading_day import CHINA

Record = Mapping[str, object]


def cells_of(record: Record, columns: frozenset[str]) -> Cells:
    """Return the cells that a profile reads; raises ``BadRow``."""
    return {
        name.lower(): _text(value, name)
        for name, value in record.items()
        if name.strip().lower() in columns
    }


def raw_of(record: Record) -> bytes:
    """Return a record as it goes, sealed, to the dead letters."""
    return msgspec.json.encode({name: str(value) for name, value in record.items()})


def _text(value: object, place: str) -> str:
    """Return what a value says."""
    match value:
        case float():
            raise BadRow(place, "a float is not exact: cast the column to NUMERIC in the query")
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}" if value.is_finite() else str(value)
        case date():
            return _moment(value)
        case None | int() | str():
            return "" if value is None else str(value).strip()
        case _:
            raise BadRow(place, f"a {type(value).__name__} is no cell: cast it in the query")


def _moment(value: date) -> str:
    """Return a date, or a moment; one without a zone is China's."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo:
        return value.astimezone(CHINA).isoformat(" ")
    return value.isoformat(" ") if value.time() != time(0) else value.date().isoformat()
