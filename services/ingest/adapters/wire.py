"""上线 — a stored fact as it goes to Kafka: an event with its sequence, or a dead letter."""

import json
from typing import Any

from sqlalchemy import Row

from shared.contracts.event import sequence_of
from shared.streams.publish import EVENT_HEADERS, Headers, Record


def record_of(row: Row[Any]) -> Record:
    """Return a stored fact as it goes to Kafka: an event with its sequence, or a dead letter."""
    key = row.key.encode()
    if row.headers is None:
        value = sequenced(row.body, row.sequence)
        return Record(row.topic, key, value, row.partition, EVENT_HEADERS)
    told = json.loads(row.headers)
    headers: Headers = tuple((name, value.encode()) for name, value in told.items())
    return Record(row.topic, key, row.body, row.partition, headers)


def sequenced(body: bytes, sequence: int) -> bytes:
    """Put the sequence before ``data``, where the contract declares it.

    An unescaped ``"data":`` cannot stand inside a string, and no earlier attribute is an object.
    """
    at = body.index(b'"data":')
    return b'%b"sequence":"%b",%b' % (body[:at], sequence_of(sequence).encode(), body[at:])
