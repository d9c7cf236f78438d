"""上线 — a stored fact as it goes to Kafka: an event with its sequence, or a dead letter."""

import json
from collections.abc import Sequence
from typing import Any

from shared.contracts.event import sequence_of
from shared.streams.publish import Headers, Record


def record_of(row: Sequence[Any]) -> Record:
    """Return a row of ``relay_sql.TOLD`` as it goes to Kafka: an event, or a dead letter."""
    topic, partition, sequence, key, body, headers, _ = row
    if headers is None:
        return Record(topic, key.encode(), sequenced(body, sequence), partition)
    told = json.loads(headers)
    named: Headers = tuple((name, value.encode()) for name, value in told.items())
    return Record(topic, key.encode(), body, partition, named)


def sequenced(body: bytes, sequence: int) -> bytes:
    """Put the sequence before ``data``, where the contract declares it.

    An unescaped ``"data":`` cannot stand inside a string, and no earlier attribute is an object.
    """
    at = body.index(b'"data":')
    return b'%b"sequence":"%b",%b' % (body[:at], sequence_of(sequence).encode(), body[at:])
