"""重新加封 — after a rotation everything ingest keeps is sealed under today's key.

In batches, each one transaction: killed at any point, it goes on where it was, and a second run
finds nothing to do. What was told is told again under the new key, so that every reader of the
topics has it before the old key is taken away.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.ingest.domain.books import Entry
from services.ingest.domain.fact import OWN_SOURCES, Fact, customer_fact, staff_fact
from services.ingest.domain.kept import Held, OpenKept
from shared.blind_index import BlindIndex, Kind
from shared.contracts.customers import CONTEXTS, Customer, CustomerChanged
from shared.contracts.event import Event
from shared.contracts.staff import Staff, StaffChanged
from shared.crypto import FieldCipher

SOURCE = f"{OWN_SOURCES}keys"
STAFF_CONTEXTS = {"sealed_mobile": "staff.mobile", "sealed_email": "staff.email"}
INDEXES: Mapping[str, tuple[Kind, str]] = {
    "phone_index": ("phone", "sealed_phone"),
    "id_index": ("id_number", "sealed_id_card"),
}
"""Blind index → what it finds and where that is sealed."""


class Step(NamedTuple):
    """One batch: how many were looked at, how many of them were sealed anew."""

    seen: int
    changed: int


@dataclass(frozen=True)
class Resealing:
    """Goes through everything. ``index``: None when the site has no blind index."""

    cipher: FieldCipher
    index: BlindIndex | None
    now: Callable[[], datetime]
    open_kept: OpenKept
    most: int = 500

    async def run(self) -> AsyncIterator[Step]:
        """Yield after each batch."""
        for register in _REGISTERS:
            async for step in self._register(register):
                yield step
        async for step in self._letters():
            yield step

    async def _register(self, register: Held) -> AsyncIterator[Step]:
        after = ""
        while True:
            async with self.open_kept() as kept:
                await kept.hold()
                entries = await kept.entries(register, after, self.most)
                changed = self._changed(register, entries)
                await kept.write(register, {name: entry for name, (entry, _) in changed.items()})
                await kept.store([fact for _, fact in changed.values()])
            if not entries:
                return
            after = max(entries)
            yield Step(len(entries), len(changed))

    def _changed(
        self, register: Held, entries: Mapping[str, Entry]
    ) -> dict[str, tuple[Entry, Fact]]:
        changed: dict[str, tuple[Entry, Fact]] = {}
        for name, entry in entries.items():
            body = _REGISTERS[register](self, entry.body)
            if body is not None:
                version = entry.version + 1
                fact = self._told(body, f"{name}/{version}")
                changed[name] = Entry(version, body.model_dump_json().encode()), fact
        return changed

    def customer(self, body: bytes) -> Customer | None:
        """Return a client under today's keys; None: it is so already."""
        before = Customer.model_validate_json(body)
        told = self._sealed(before, CONTEXTS)
        if self.index:
            told |= self._indexes(before, self.index)
        after = before.model_copy(update=told)
        return None if after == before else after

    def staff(self, body: bytes) -> Staff | None:
        """Return one of the broker's people under today's key; None: it is so already."""
        before = Staff.model_validate_json(body)
        after = before.model_copy(update=self._sealed(before, STAFF_CONTEXTS))
        return None if after == before else after

    def _sealed(self, held: Customer | Staff, contexts: Mapping[str, str]) -> dict[str, str]:
        values = {field: getattr(held, field) for field in contexts}
        return {f: self.cipher.reseal(v, contexts[f]) for f, v in values.items() if v}

    def _indexes(self, client: Customer, index: BlindIndex) -> dict[str, str]:
        told: dict[str, str] = {}
        for field, (kind, place) in INDEXES.items():
            sealed, entry = getattr(client, place), getattr(client, field)
            if sealed and not (entry and index.is_current(entry)):
                told[field] = index.entry(kind, self.cipher.open(sealed, CONTEXTS[place]))
        return told

    def _told(self, held: Customer | Staff, id_: str) -> Fact:
        told = {"id": id_, "source": SOURCE, "time": self.now(), "data": held}
        if isinstance(held, Customer):
            return customer_fact(_event(CustomerChanged, held.customer_id, told))
        return staff_fact(_event(StaffChanged, held.staff_id, told))

    async def _letters(self) -> AsyncIterator[Step]:
        """A letter keeps its identity: it is the same record, under another key."""
        after, most = 0, self.most * 100
        while True:
            async with self.open_kept() as kept:
                last, letters = await kept.letters(after, most)
                old = [one for one in letters if not self.cipher.is_current(one.value)]
                for letter in old:
                    value = self.cipher.reseal(letter.value, letter.context)
                    await kept.write_letter(letter._replace(value=value))
            if last == after:
                return
            after = last
            if letters:
                yield Step(len(letters), len(old))


def _event(type_: type[Event], subject: str, told: Mapping[str, object]) -> Event:
    return type_.model_validate({**told, "subject": subject})


_REGISTERS: Mapping[Held, Callable[[Resealing, bytes], Customer | Staff | None]] = {
    "customers": Resealing.customer,
    "staff": Resealing.staff,
}
