"""重投 — which way a dead letter goes back, and what is told when it does. Pure.

Nothing goes back into the log behind ingest's back: what was buried is told again as a new record
with a sequence of its own, at the end of its account. A day that is closed is history by then: its
facts are marked ``backfill`` and raise nothing.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from services.ingest.domain.admission import Gate, Refused, admit
from services.ingest.domain.fact import OWN_SOURCES, Fact, Identity, account_fact, of_account
from services.ingest.domain.rows import as_text
from shared.contracts.stream import STREAM, StreamEvent
from shared.contracts.topics import ACCOUNT, ALERT, CUSTOMER, STAFF

SOURCE = f"{OWN_SOURCES}redriven"
"""The identity's source of what a consumer had buried: its own is known and would be a repeat."""


class NoWay(ValueError):
    """The letter cannot go back by itself; says what a person can do instead."""


class Way(StrEnum):
    """How a letter goes back."""

    PUSHED = "pushed"  # a posted event: through admission
    ROW = "row"  # a line of a file: the file again, with the line corrected
    FILE = "file"  # a whole file: into the drop folder
    ACCOUNT = "account"  # buried by a consumer: told again with a new sequence
    REGISTER = "register"  # buried by a consumer: the register's newest state is told again
    ALERT = "alert"  # buried by a consumer: the same bytes; the alert's id is its identity


_BURIED_BY_CONSUMERS = {
    ACCOUNT.name: Way.ACCOUNT,
    CUSTOMER.name: Way.REGISTER,
    STAFF.name: Way.REGISTER,
    ALERT.name: Way.ALERT,
}
_PULL_AGAIN = (
    "correct the profile, or the row; then give the row a newer watermark, or the pull another "
    "name in INGEST_PULLS: it reads its table again and tells what is missing (docs/ingest/pull.md)"
)
_BY_HEADER = (("origin-line", Way.ROW), ("origin-file", Way.FILE))


def way_of(topic: str, headers: Mapping[str, str]) -> Way:
    """Return the way of a letter; raises ``NoWay`` for a source that must tell it again itself."""
    for name, way in _BY_HEADER:
        if name in headers:
            return way
    if headers.get("origin") == "http":
        return Way.PUSHED
    if "origin-offset" in headers and topic in _BURIED_BY_CONSUMERS:
        return _BURIED_BY_CONSUMERS[topic]
    if pull := headers.get("origin-pull"):
        raise NoWay(f"{pull}: {_PULL_AGAIN}")
    told = headers.get("origin", "unknown")
    raise NoWay(f"{told}: its source must tell it again; the letter does not hold all of it")


def readmitted(raw: bytes, gate: Gate, closed: date | None) -> StreamEvent:
    """Return a posted event that is refused no longer; raises ``Refused`` when it still is."""
    event = admit(raw, gate)
    if not of_account(event.data):
        raise Refused("type", "a minute that has passed is not told again", "type")
    return as_history(event, closed)


def retold(raw: bytes, identity: str, gate: Gate, closed: date | None) -> Fact:
    """Return the fact that a consumer could not read, under a new identity; raises ``Refused``.

    The body keeps its own ``source`` and ``id``: whoever took it the first time drops it.
    """
    try:
        event = STREAM.validate_json(raw)
    except ValidationError as failure:
        wrong = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "event"
        raise Refused(place, f"still unreadable: {wrong['type']}", "schema") from None
    if not of_account(event.data):
        raise Refused("type", f"{event.type} is not told again: guanchao mot rebuild", "type")
    owner = f"{event.data.broker}:{event.data.account}"
    if event.data.broker != gate.broker or event.subject != owner:
        raise Refused("subject", "not data.broker:data.account of this broker", "subject")
    made = account_fact(as_history(event.model_copy(update={"sequence": None}), closed))
    return Fact(Identity(SOURCE, identity), made.topic, made.key, made.type, made.body)


def as_history(event: StreamEvent, closed: date | None) -> StreamEvent:
    """Mark a fact of a closed day as history, which raises nothing; others stay as they are."""
    data = event.data
    if not of_account(data) or closed is None or data.trading_day > closed:
        return event
    return event.model_copy(update={"data": data.model_copy(update={"backfill": True})})


def corrected(data: bytes, line: int, was: bytes, now: bytes | None) -> bytes:
    """Return a file's bytes with one line corrected, or with nothing but an empty line more.

    Either makes it another edition of the same file. Raises ``NoWay`` when that line is no longer
    the one of the letter: the file was replaced since.
    """
    parts = data.split(b"\n")
    found = parts[line - 1].rstrip(b"\r\x1a") if 0 < line <= len(parts) else None
    if found is None or as_text(found).lstrip("\ufeff") != as_text(was):
        raise NoWay(f"line {line} of the newest file of that name is another: it was replaced")
    if now is None:
        return data + b"\n"
    rest = parts[line - 1][len(found) :]
    parts[line - 1] = now + rest
    return b"\n".join(parts)
