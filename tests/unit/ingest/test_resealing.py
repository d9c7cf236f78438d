"""Sealing anew: every field of its own context, the blind indexes with it, and nothing twice."""

import base64
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence

from services.ingest.agent.resealing import STAFF_CONTEXTS, Resealing
from services.ingest.domain.books import Entry
from services.ingest.domain.fact import Fact
from services.ingest.domain.kept import Held, SealedLetter
from shared.blind_index import BlindIndex
from shared.contracts.customers import CONTEXTS, Customer
from shared.contracts.staff import Staff
from shared.crypto import FieldCipher
from tests.kit.issuer import NOW

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
OLD_CIPHER, ROTATED = FieldCipher({"k1": OLD}), FieldCipher({"k2": NEW, "k1": OLD})
OLD_INDEX, NEW_INDEX = BlindIndex({"b1": OLD}), BlindIndex({"b2": NEW, "b1": OLD})
PHONE = "13812345678"


class FakeKept:
    """See ``domain.kept.Kept``; every batch stays."""

    def __init__(self, customers: Mapping[str, Entry], staff: Mapping[str, Entry]) -> None:
        self.registers: dict[Held, dict[str, Entry]] = {
            "customers": dict(customers),
            "staff": dict(staff),
        }
        self.dead: dict[int, SealedLetter] = {}
        self.facts: list[Fact] = []
        self.held = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["FakeKept"]:
        yield self

    async def hold(self) -> None:
        self.held += 1

    async def entries(self, register: Held, after: str, most: int) -> Mapping[str, Entry]:
        names = sorted(name for name in self.registers[register] if name > after)[:most]
        return {name: self.registers[register][name] for name in names}

    async def write(self, register: Held, entries: Mapping[str, Entry]) -> None:
        self.registers[register] |= entries

    async def store(self, facts: Sequence[Fact]) -> None:
        self.facts += facts

    async def letters(self, after: int, most: int) -> tuple[int, Sequence[SealedLetter]]:
        found = [self.dead[n] for n in sorted(self.dead) if n > after][:most]
        return (found[-1].n if found else after), found

    async def write_letter(self, letter: SealedLetter) -> None:
        self.dead[letter.n] = letter


def client(name: str) -> Entry:
    sealed = {field: OLD_CIPHER.seal(PHONE, context) for field, context in CONTEXTS.items()}
    told = {
        "broker": "demo",
        "customer_id": name,
        "customer_type": "自然人",
        "display_name": "张**",
    }
    index = {"phone_index": OLD_INDEX.entry("phone", PHONE)}
    body = Customer.model_validate({**told, **sealed, **index, "relations": ()})
    return Entry(3, body.model_dump_json().encode())


def person(name: str) -> Entry:
    sealed = {f: OLD_CIPHER.seal(PHONE, context) for f, context in STAFF_CONTEXTS.items()}
    told = {"broker": "demo", "staff_id": name, "display_name": "王*", "role": "manager"}
    return Entry(1, Staff.model_validate(told | sealed).model_dump_json().encode())


def kept() -> FakeKept:
    made = FakeKept({f"c{n}": client(f"c{n}") for n in range(5)}, {"m1": person("m1")})
    made.dead[7] = SealedLetter(7, OLD_CIPHER.seal("row", "dead-letter.row"), "dead-letter.row")
    return made


async def run(over: FakeKept, most: int = 2) -> tuple[int, int]:
    work = Resealing(ROTATED, NEW_INDEX, lambda: NOW, over.open, most)
    steps = [step async for step in work.run()]
    return sum(step.seen for step in steps), sum(step.changed for step in steps)


async def test_every_field_and_index_is_under_todays_keys() -> None:
    over = kept()
    assert await run(over) == (7, 7)
    newest = FieldCipher({"k2": NEW})
    for entry in over.registers["customers"].values():
        held = Customer.model_validate_json(entry.body)
        assert entry.version == 4
        for field, context in CONTEXTS.items():
            assert newest.open(getattr(held, field), context) == PHONE
        assert held.phone_index == NEW_INDEX.entry("phone", PHONE)
        assert held.id_index == NEW_INDEX.entry("id_number", PHONE)
    staff = Staff.model_validate_json(over.registers["staff"]["m1"].body)
    assert newest.open(staff.sealed_mobile or "", "staff.mobile") == PHONE
    assert newest.open(over.dead[7].value, "dead-letter.row") == "row"
    assert over.held >= 4


async def test_a_second_run_changes_and_tells_nothing() -> None:
    over = kept()
    await run(over)
    told = list(over.facts)
    assert await run(over) == (7, 0)
    assert over.facts == told
    assert sorted({fact.type for fact in told}) == ["customer.changed", "staff.changed"]
    assert len({fact.identity for fact in told}) == len(told) == 6


async def test_a_site_without_a_blind_index_gets_none() -> None:
    over = kept()
    work = Resealing(ROTATED, None, lambda: NOW, over.open)
    assert sum([step.changed async for step in work.run()]) == 7
    held = Customer.model_validate_json(over.registers["customers"]["c1"].body)
    assert held.phone_index == OLD_INDEX.entry("phone", PHONE)
    assert held.id_index is None
