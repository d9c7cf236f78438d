"""The journal: every request the gateway answered, one line for each receiver.

It is the receiving side's evidence, so it holds phone numbers; nothing else of the sandbox prints
them. The file is the truth: people, counts and the protocols' memory are rebuilt from it.
"""

from array import array
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from deploy.sandbox.entries import CHANGES, OUTCOMES, Channel, Entry, Outcome, Verdict
from deploy.sandbox.log import Broken, Log
from shared.kernel.trading_day import CHINA

CHUNK = 1 << 18


@dataclass
class Person:
    """Somebody who was written to, under a number that may stand in an address."""

    id: str
    channel: Channel
    to: str
    delivered: "array[int]" = field(default_factory=lambda: array("Q"))


class Journal:
    """Entries in order. What is not surely on the disk yet has a number, and is seen by nobody."""

    def __init__(self, path: Path) -> None:
        self.log = Log(path)
        self._people: dict[str, Person] = {}
        self._ids: dict[tuple[Channel, str], str] = {}
        self._begins = array("Q")
        self._outcomes = bytearray()
        self._unseen: deque[Entry] = deque()
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(Entry)

    def replay(self) -> Iterator[Entry]:
        """Index and yield what an earlier run wrote; raise `Broken` at a line that is no entry."""
        at = 0
        for number, line in enumerate(self.log.lines(), 1):
            try:
                entry = self._decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise Broken(f"{self.log.path} line {number} is no entry: {error}") from None
            self._begins.append(at)
            self._show(entry)
            at += len(line)
            yield entry

    @property
    def next_number(self) -> int:
        """The ``n`` the next entry will get."""
        return len(self._begins) + 1

    @property
    def last(self) -> int:
        """The ``n`` of the newest entry on the disk."""
        self._settle()
        return len(self._outcomes)

    @property
    def people(self) -> Mapping[str, Person]:
        """Everybody who was reached, by id, in the order of their first message."""
        return self._people if self.last else {}

    def counts(self) -> dict[Outcome, int]:
        """Return how many entries ended each way."""
        seen = self._outcomes[: self.last]
        return {name: seen.count(code) for code, name in enumerate(OUTCOMES)}

    def write(self, verdict: Verdict, now: datetime, wall: float) -> list[Entry]:
        """Append a verdict's entries; they last once ``log.sync()`` has returned."""
        self._settle()
        at, call, entries = now.astimezone(CHINA).isoformat(), self.next_number, []
        for n, line in enumerate(verdict.lines, call):
            entry = Entry(
                n=n,
                at=at,
                wall=wall,
                channel=verdict.channel,
                to=line.to,
                outcome=line.outcome,
                code=line.code,
                title=verdict.title,
                text=verdict.text,
                request=verdict.request,
                call=call,
                receipt=verdict.receipt,
                response_code=verdict.response_code,
                digest=verdict.digest,
                parts=verdict.parts,
                overlong=verdict.overlong,
                nonce=verdict.nonce,
                fault=verdict.fault,
            )
            self._begins.append(self.log.append(self._encoder.encode(entry) + b"\n"))
            self._unseen.append(entry)
            entries.append(entry)
        return entries

    def entry(self, n: int) -> Entry:
        """Return one entry; ``n`` counts from 1 and is at most ``last``."""
        return self._decoder.decode(self.log.read(self._begins[n - 1], self._ends(n)))

    def newest(self, outcome: Outcome | None, before: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` entries below ``before``, newest first, of one outcome or all."""
        wanted = None if outcome is None else OUTCOMES.index(outcome)
        found: list[Entry] = []
        for n in range(min(before - 1, self.last), 0, -1):
            if len(found) == limit:
                break
            if wanted is None or self._outcomes[n - 1] == wanted:
                found.append(self.entry(n))
        return found

    def array_after(self, n: int, limit: int | None = None) -> Iterator[bytes]:
        """Return the entries after ``n`` as the pieces of one JSON array, as they are now."""
        last = self.last if limit is None else min(self.last, n + limit)
        return self._pieces(self._begins[n], self._ends(last) - 1) if n < last else iter((b"[]",))

    def _pieces(self, at: int, end: int) -> Iterator[bytes]:
        yield b"["
        while at < end:
            piece = self.log.read(at, min(at + CHUNK, end))
            at += len(piece)
            yield piece.replace(b"\n", b",")
        yield b"]"

    def _ends(self, n: int) -> int:
        return self._begins[n] if n < len(self._begins) else self.log.end

    def _settle(self) -> None:
        while self._unseen and self._begins[self._unseen[0].n - 1] < self.log.synced:
            self._show(self._unseen.popleft())

    def _show(self, entry: Entry) -> None:
        self._outcomes.append(OUTCOMES.index(entry.outcome))
        if entry.outcome != "delivered" or entry.channel == CHANGES:
            return
        key = (entry.channel, entry.to.lower())
        if key not in self._ids:
            self._ids[key] = f"p{len(self._ids) + 1}"
            self._people[self._ids[key]] = Person(self._ids[key], entry.channel, entry.to)
        self._people[self._ids[key]].delivered.append(entry.n)
