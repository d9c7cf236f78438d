"""规范化 — a record of the counter becomes a canonical event, or says why it does not."""

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from services.ingest.domain.ctp.balances import snapshot
from services.ingest.domain.ctp.dealings import forced, traded
from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.funds import moved
from services.ingest.domain.ctp.holdings import Holdings
from services.ingest.domain.ctp.records import (
    Account,
    Arrival,
    Deposit,
    Illegible,
    Notice,
    Order,
    Position,
    PreAccount,
    Record,
    Trade,
)
from services.ingest.domain.fact import Fact, dead_letter
from services.ingest.domain.rows import BadRow
from shared.contracts.stream import StreamEvent
from shared.contracts.topics import ACCOUNT

Reader = Callable[[Arrival, Any, Desk], StreamEvent]


def _unconsumed(arrival: Arrival, record: Record, desk: Desk) -> StreamEvent:
    raise Unused("unconsumed")


READERS: dict[type[Record], Reader] = {
    Deposit: moved,
    Trade: traded,
    Order: forced,
    Account: snapshot,
    PreAccount: _unconsumed,
    Notice: _unconsumed,
}


def event_of(arrival: Arrival, desk: Desk, holdings: Holdings) -> StreamEvent:
    """Return what a record tells; raises ``Unused``, and ``BadRow`` for what is no fact."""
    record = arrival.record
    if isinstance(record, Illegible):
        raise BadRow(record.place, record.reason)
    try:
        if isinstance(record, Position):
            return holdings.fold(arrival, record, desk)
        return READERS[type(record)](arrival, record, desk)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "record"
        raise BadRow(place, first["msg"].removeprefix("Value error, ")) from None


def letter_of(arrival: Arrival, desk: Desk, reason: str) -> Fact:
    """死信 — a record that is no fact: the fields that we read of it, nothing personal."""
    record = arrival.record
    fields = record.fields if isinstance(record, Illegible) else _told(record)
    body = json.dumps(fields, ensure_ascii=False).encode()
    origin = {"origin": desk.feed, "stream": str(arrival.stream), "reason": reason}
    if arrival.number:
        origin["number"] = f"{arrival.trading_day}/{arrival.number}"
    return dead_letter(ACCOUNT, "", body, origin)


def _told(record: Record) -> dict[str, str]:
    names = [name for cls in type(record).__mro__ for name in getattr(cls, "__slots__", ())]
    return {name: str(getattr(record, name)) for name in sorted(names)}
