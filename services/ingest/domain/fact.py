"""What goes into the log: a canonical event, or a record that could not become one."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeGuard

from shared.contracts.event import Event
from shared.contracts.topics import ACCOUNT, CUSTOMER, STAFF, Topic
from shared.contracts.trading import CLOCK_SUBJECT, AccountFact

OWN_SOURCES = "guanchao/"
LARGEST_LETTER = 256 * 1024  # bytes; Kafka refuses a record of 1 MiB


def of_account(data: object) -> TypeGuard[AccountFact]:
    """Say whether an event's body is of an account: ``isinstance`` of a model costs five times."""
    kind: Any = type(data)
    return _of_account(kind)


@cache
def _of_account(kind: Any) -> bool:
    return issubclass(kind, AccountFact)


class Identity(NamedTuple):
    """``source`` and ``id``: one fact for ever, whoever tells it again."""

    source: str
    id: str


class Fact(NamedTuple):
    """One record for the log. ``body`` has no ``sequence`` yet; the relay gives it one.

    ``everywhere``: a copy goes into every partition. ``headers`` only for a dead letter.
    """

    identity: Identity
    topic: str
    key: str
    type: str
    body: bytes
    everywhere: bool = False
    headers: Mapping[str, str] | None = None


def account_fact(event: Event, body: bytes = b"") -> Fact:
    """Return the fact for an account's event, or for ``clock.ticked`` and ``day.closed``.

    ``body``: the event encoded, if it has been.
    """
    everywhere, body = event.subject == CLOCK_SUBJECT, body or event.encode()
    identity = Identity(event.source, event.id)
    return Fact(identity, ACCOUNT.name, event.subject, event.type, body, everywhere)


def customer_fact(event: Event) -> Fact:
    """Return the fact for a changed client."""
    return _fact(CUSTOMER, event)


def staff_fact(event: Event) -> Fact:
    """Return the fact for a changed person of the broker."""
    return _fact(STAFF, event)


def _fact(topic: Topic, event: Event) -> Fact:
    identity = Identity(event.source, event.id)
    return Fact(identity, topic.name, event.subject, event.type, event.encode())


def dead_letter(topic: Topic, key: str, value: bytes, origin: Mapping[str, str]) -> Fact:
    """死信 — the record as it came (cut at 256 KiB), origin and reason in headers.

    Its identity is its content and origin: the same bad record again is one letter.
    """
    headers = dict(origin)
    if len(value) > LARGEST_LETTER:
        headers["cut-from-bytes"] = str(len(value))
    identity = Identity(f"{OWN_SOURCES}dead-letters", digest([*sorted(headers.items())], value))
    return Fact(
        identity,
        topic.dead_letters.name,
        key,
        "dead-letter",
        value[:LARGEST_LETTER],
        headers=headers | {"id": identity.id},
    )


def digest(parts: Iterable[object], value: bytes = b"") -> str:
    """Return a short name for content: 128 bits, hexadecimal.

    >>> digest(["80012345", 100]) == digest(["80012345", 100])
    True
    >>> digest(["ab", "c"]) == digest(["a", "bc"])
    False
    """
    made = hashlib.blake2b(repr([str(part) for part in parts]).encode(), digest_size=16)
    made.update(value)
    return made.hexdigest()
