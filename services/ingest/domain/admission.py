"""准入 — whether a posted CloudEvent may become a fact, and if not, at which place it fails."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from services.ingest.domain.fact import OWN_SOURCES, of_account
from shared.contracts.event import Event, sequence_of
from shared.contracts.stream import STREAM, StreamEvent
from shared.contracts.trading import (
    CLOCK_SUBJECT,
    AccountFact,
    ClockTicked,
    DayClosed,
    account_key,
)
from shared.kernel.trading_day import Calendar, OutsideCoverage

LARGEST_EVENT = 256 * 1024  # bytes
LONGEST_NUMBER = 18  # digits: a bigint holds any
_NUMBER = re.compile(r"0*\d{1,18}", re.ASCII)


class Refused(ValueError):
    """The event is no fact: ``place`` is a path into it, ``kind`` a short label for counting."""

    def __init__(self, place: str, reason: str, kind: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason, self.kind = place, reason, kind


@dataclass(frozen=True)
class Gate:
    """What this installation admits: its own broker, its calendar, ticks from outside or not."""

    broker: str
    calendar: Calendar
    ticks: bool


def admit(raw: bytes, gate: Gate) -> StreamEvent:
    """Return the posted event, with the source's own ``sequence`` if it counts its records.

    Raises ``Refused`` with the place: a float, an unknown type, a day that is no trading day …
    """
    if len(raw) > LARGEST_EVENT:
        raise Refused("event", f"{len(raw)} bytes, more than {LARGEST_EVENT}", "too-large")
    event = _plain(raw) or _looked_at(raw)
    _check_identity(event)
    _check_belonging(event, gate)
    return event


def _plain(raw: bytes) -> StreamEvent | None:
    """Nearly every event: the contract refuses a float wherever it has a field."""
    if b'"sequence"' in raw:
        return None
    try:
        return STREAM.validate_json(raw, strict=True)
    except ValidationError:
        return None


def _looked_at(raw: bytes) -> StreamEvent:
    """An event with a number of its source, or one with a fault: its place is found."""
    try:
        posted = from_json(raw)
    except ValueError:
        raise Refused("event", "not JSON", "schema") from None
    if not isinstance(posted, dict):
        raise Refused("event", "not a JSON object", "schema")
    for place in _floats(posted, ""):
        raise Refused(place, "a float is not exact: write it as a string", "float")
    return _decode(raw if posted.get("sequence") is None else _numbered(posted))


def _numbered(posted: dict[str, Any]) -> bytes:
    """The source's own number of the record, however long, in the form of the contract."""
    told = posted["sequence"]
    text = str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
    if not _NUMBER.fullmatch(text):
        raise Refused("sequence", f"not a number of at most {LONGEST_NUMBER} digits", "schema")
    return to_json({**posted, "sequence": sequence_of(int(text))})


def posted(raw: bytes, name: str) -> str | None:
    """Return an attribute of a refused event, such as its ``id``, if it can be read at all."""
    try:
        found = from_json(raw)
    except ValueError:
        return None
    text = found.get(name) if isinstance(found, dict) else None
    return text[:200] if isinstance(text, str) else None


def _floats(value: object, place: str) -> Iterator[str]:
    match value:
        case float():
            yield place
        case dict():
            for name, inner in value.items():
                yield from _floats(inner, f"{place}.{name}" if place else str(name))
        case list():
            for index, inner in enumerate(value):
                yield from _floats(inner, f"{place}[{index}]")


def _decode(raw: bytes) -> StreamEvent:
    try:
        return STREAM.validate_json(raw, strict=True)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        if first["type"].startswith("union_tag"):
            raise Refused("type", _unknown_type(first["type"]), "type") from None
        place = ".".join(str(step) for step in first["loc"][1:]) or "event"
        raise Refused(place, first["msg"].removeprefix("Value error, "), "schema") from None


def _unknown_type(kind: str) -> str:
    return "missing" if kind == "union_tag_not_found" else "not a type of futures.account.v1"


def _check_identity(event: Event) -> None:
    for place in ("id", "source", "subject"):
        if not getattr(event, place).isprintable():
            raise Refused(place, "holds a control character", "schema")
    if event.source.startswith(OWN_SOURCES):
        raise Refused("source", f"{OWN_SOURCES} is ingest's own", "source")


def _check_belonging(event: StreamEvent, gate: Gate) -> None:
    if event.data.broker != gate.broker:
        raise Refused("data.broker", f"not {gate.broker}", "broker")
    if type(event) is DayClosed:
        raise Refused("type", "day.closed is told by ingest when the day's files are in", "type")
    _check_day(event.data.trading_day, gate.calendar)
    if type(event) is ClockTicked:
        _check_tick(event, gate)
    elif of_account(event.data):
        _check_account(event, event.data)


def _check_account(event: Event, fact: AccountFact) -> None:
    if event.subject != account_key(fact.broker, fact.account):
        raise Refused("subject", "not data.broker:data.account", "subject")
    if event.type.startswith("funds."):
        for place in ("serial", "reverses"):
            if not str(getattr(fact, place, "")).isprintable():
                raise Refused(f"data.{place}", "holds a control character", "schema")


def _check_day(day: date, calendar: Calendar) -> None:
    try:
        known = calendar.is_trading_day(day)
    except OutsideCoverage as failure:
        raise Refused("data.trading_day", str(failure), "trading-day") from None
    if not known:
        raise Refused("data.trading_day", f"{day} is not a trading day", "trading-day")


def _check_tick(event: ClockTicked, gate: Gate) -> None:
    if not gate.ticks:
        raise Refused("type", "this installation's clock is the wall's", "type")
    try:
        day = gate.calendar.at(event.data.at)
    except OutsideCoverage as failure:
        raise Refused("data.at", str(failure), "trading-day") from None
    if day != event.data.trading_day:
        raise Refused(
            "data.trading_day", f"{CLOCK_SUBJECT} at that moment is in {day}", "trading-day"
        )
