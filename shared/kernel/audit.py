"""审计 — who saw or changed what of a client, when and why; each entry holds the one before.

An entry names ids and codes, never a client's name or number.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, NamedTuple, Protocol

GENESIS = bytes(32)
"""The digest before the first entry."""
SHORTEST_REASON, LONGEST_REASON = 4, 200
_NUMBER = re.compile(r"\d{7}")


@dataclass(frozen=True)
class Entry:
    """One look or change. ``at`` in UTC; ``fields``: what was revealed in clear, by name.

    ``actor``: a staff id, or ``key:name`` of a system. ``action``: object and what became of it,
    ``account.read``. ``outcome`` ``refused``: asked for and not shown.
    """

    at: datetime
    actor: str
    roles: tuple[str, ...]
    action: str
    subject: str
    trace_id: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    outcome: Literal["granted", "refused"] = "granted"

    def canonical(self) -> bytes:
        """Return the one spelling that is digested."""
        told = [
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.actor,
            list(self.roles),
            self.action,
            self.subject,
            self.trace_id,
            list(self.fields),
            self.reason,
            self.outcome,
        ]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


class Link(NamedTuple):
    """An entry in its place: ``n`` counts from 1 without a gap."""

    n: int
    entry: Entry
    digest: bytes


class Head(NamedTuple):
    """Where a chain ends; noted elsewhere, it proves later that nothing before it is gone."""

    n: int
    digest: bytes


class Broken(NamedTuple):
    """The first place at which a chain is not what was written."""

    n: int
    why: str


@dataclass(frozen=True)
class Sought:
    """Which entries, newest first: of whom, about what, before which place."""

    before: int = 2**63 - 1
    limit: int = 100
    actor: str | None = None
    subject: str | None = None


class Trail(Protocol):
    """The audit inside a transaction: what is not written leaves no answer."""

    async def write(self, entry: Entry) -> None:
        """Append an entry."""


def objection(reason: str) -> str | None:
    """Return what is wrong with a person's reason, or None.

    >>> objection("客户投诉"), objection("致电13812345678")
    (None, 'write no phone, card or account number')
    """
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        return f"{SHORTEST_REASON} to {LONGEST_REASON} characters are needed"
    if not reason.isprintable():
        return "write plain text"
    return "write no phone, card or account number" if _NUMBER.search(reason) else None


def digest(previous: bytes, n: int, entry: Entry) -> bytes:
    """Return the digest of an entry in its place."""
    return sha256(previous + n.to_bytes(8, "big") + entry.canonical()).digest()


def follow(links: Iterable[Link], after: Head) -> Head | Broken:
    """Walk entries that follow ``after``; return the end, or the first place that is broken."""
    for link in links:
        if link.n != after.n + 1:
            return Broken(after.n + 1, "missing")
        if link.digest != digest(after.digest, link.n, link.entry):
            return Broken(link.n, "changed, or the entry before it")
        after = Head(link.n, link.digest)
    return after
