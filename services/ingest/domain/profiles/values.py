"""取值 — one cell becomes a value of its field's form, exactly, or is refused with its column."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from services.ingest.domain.profiles.fields import Field, Form
from services.ingest.domain.profiles.profile import UNITS, Column
from services.ingest.domain.rows import BadRow, calendar_date, code, instrument_code, money
from shared.kernel.money import exact_price
from shared.kernel.trading_day import CHINA

Value = str | int | Decimal | date | datetime
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?", re.ASCII)
_LOTS = re.compile(r"\d{1,9}(\.0+)?", re.ASCII)
_TOKENS = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%f",
}
_MOMENT = re.compile(
    r"(\d{4}[-/]?\d{1,2}[-/]?\d{1,2})(?:[ T](\d{1,2}:\d{2}:\d{2}(?:\.\d{1,6})?))?", re.ASCII
)


def value_of(field: Field, column: Column, text: str) -> Value:
    """Return what a cell says; raises ``BadRow``. A cell that says nothing is not asked for."""
    place = column.column or "value"
    meant = column.values.get(text, text)
    if column.values and text not in column.values:
        raise BadRow(place, f"not in values: {text[:20]!r}")
    return _FORMS[field.form](meant, place, column, field)


def _code(text: str, place: str, column: Column, field: Field) -> Value:
    return code(text, place)


def _instrument(text: str, place: str, column: Column, field: Field) -> Value:
    return instrument_code(text, place)


def _text(text: str, place: str, column: Column, field: Field) -> Value:
    if not text.isprintable() or len(text) > 200:  # noqa: PLR2004 as long as a note may be
        raise BadRow(place, "at most 200 printable characters expected")
    return text


def _money(text: str, place: str, column: Column, field: Field) -> Value:
    """Return 元 from the column's unit: exactly, or not at all."""
    bare = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if column.unit == "元":
        return money(bare, place)
    if not _NUMBER.fullmatch(bare):
        raise BadRow(place, f"not an amount: {text[:40]!r}")
    return money(f"{Decimal(bare).scaleb(UNITS[column.unit]).normalize():f}", place)


def _price(text: str, place: str, column: Column, field: Field) -> Value:
    bare = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    try:
        return exact_price(bare).normalize() + 0
    except ValueError as failure:
        raise BadRow(place, str(failure)) from None


def _lots(text: str, place: str, column: Column, field: Field) -> Value:
    bare = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if not _LOTS.fullmatch(bare):
        raise BadRow(place, f"not a number of lots: {text[:20]!r}")
    return int(bare.partition(".")[0])


def _day(text: str, place: str, column: Column, field: Field) -> Value:
    if column.format:
        return _parsed(text, place, column.format).date()
    return calendar_date(text.removesuffix(" 00:00:00"), place)


def _moment(text: str, place: str, column: Column, field: Field) -> Value:
    """Return a moment; one without a zone is China's, one without a time is 00:00."""
    if column.format:
        return _parsed(text, place, column.format)
    found = _MOMENT.fullmatch(text)
    if not found:
        return _zoned(text, place)
    try:
        at = time.fromisoformat(found[2].zfill(8)) if found[2] else time(0)
    except ValueError:
        raise BadRow(place, f"not a moment: {text[:30]!r}") from None
    return datetime.combine(calendar_date(found[1], place), at, CHINA)


def _zoned(text: str, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadRow(place, f"not a moment: {text[:30]!r}" if text else "missing") from None
    if at.tzinfo is None:
        raise BadRow(place, f"not a moment: {text[:30]!r}")
    return at.astimezone(CHINA)


def _parsed(text: str, place: str, pattern: str) -> datetime:
    for token, directive in _TOKENS.items():
        pattern = pattern.replace(token, directive)
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=CHINA)
    except ValueError:
        raise BadRow(place, f"not as {pattern}: {text[:30]!r}") from None


def _word(text: str, place: str, column: Column, field: Field) -> Value:
    words: Mapping[str, Value] = field.words or {}
    meant = words.get(text) or next((w for w in words.values() if w == text), None)
    if meant is None:
        raise BadRow(place, f"not known: {text[:20]!r}")
    return meant


_FORMS: Mapping[Form, Callable[[str, str, Column, Field], Value]] = {
    Form.CODE: _code,
    Form.INSTRUMENT: _instrument,
    Form.TEXT: _text,
    Form.MONEY: _money,
    Form.PRICE: _price,
    Form.LOTS: _lots,
    Form.DAY: _day,
    Form.MOMENT: _moment,
    Form.WORD: _word,
}
