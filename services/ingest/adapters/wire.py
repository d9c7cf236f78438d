"""上线 — a stored fact as it goes to Kafka: an event with its sequence, or a dead letter."""

import json
from typing import Any

from sqlalchemy import Row

from shared.contracts.event import sequence_of
from shared.streams.publish import EVENT_HEADERS, Headers, Record


def record_of(place: Row[Any], told: Row[Any]) -> Record:
    """Return a stored fact as it goes to Kafka: an event with its sequence, or a dead letter."""
    key = told.key.encode()
    if told.headers is None:
        value = sequenced(told.body, place.sequence)
        return Record(place.topic, key, value, place.partition, EVENT_HEADERS)
    named = json.loads(told.headers)
    headers: Headers = tuple((name, value.encode()) for name, value in named.items())
    return Record(place.topic, key, told.body, place.partition, headers)


def sequenced(body: bytes, sequence: int) -> bytes:
    """Put the sequence before ``data``, where the contract declares it.

    An unescaped ``"data":`` cannot stand inside a string, and no earlier attribute is an object.
    """
    at = body.index(b'"data":')
    return b'%b"sequence":"%b",%b' % (body[:at], sequence_of(sequence).encode(), body[at:])
