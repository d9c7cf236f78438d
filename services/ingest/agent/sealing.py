"""加封 — personal fields as they are kept; an unchanged one keeps its sealed form."""

from dataclasses import dataclass
from typing import Literal, Protocol

from services.ingest.domain.clients import Kept, Sealed
from services.ingest.domain.person import Person, Situation
from shared.contracts.customers import CONTEXTS
from shared.kernel.masking import Personal


class Sealer(Protocol):
    """Seals and opens personal fields."""

    def seal(self, value: str, context: str) -> str:
        """Return the value encrypted, bound to its context."""

    def open(self, sealed: str, context: str) -> str:
        """Return the value in clear."""


Kind = Literal["phone", "id_number", "bank_card", "row"]


class Blind(Protocol):
    """Finds sealed values without opening them; see ``shared.blind_index``."""

    def entry(self, kind: Kind, value: str) -> str:
        """Return the index under today's key."""

    def look_up(self, kind: Kind, value: str) -> list[str]:
        """Return the index under every key, today's first."""


def sealed(sealer: Sealer, value: Personal | None, kept: str | None, context: str) -> str | None:
    """Return a value sealed; ``kept`` is what was sealed before, and stays when it says the same.

    A sealed form is new each time: a state that did not change must not look as if it had.
    """
    if value is None:
        return None
    clear = value.reveal()
    if kept is not None and sealer.open(kept, context) == clear:
        return kept
    return sealer.seal(clear, context)


def situated(sealer: Sealer, told: Situation, kept: Kept) -> Kept:
    """Return a person's situation as it is kept; what a file does not say stays as it was."""
    birthday = sealed(sealer, told.birthday, kept.birthday, CONTEXTS["sealed_birthday"])
    return Kept(
        birthday or kept.birthday,
        told.occupation or kept.occupation,
        told.income_source or kept.income_source,
    )


@dataclass(frozen=True)
class Sealing:
    """Seals persons, with the indexes by which they are found again."""

    sealer: Sealer
    blind: Blind

    def person(self, person: Person, kept: Sealed) -> Sealed:
        """Return a person's fields as they are kept."""
        return Sealed(
            phone=sealed(self.sealer, person.phone, kept.phone, CONTEXTS["sealed_phone"]),
            id_card=sealed(self.sealer, person.id_card, kept.id_card, CONTEXTS["sealed_id_card"]),
            address=sealed(self.sealer, person.address, kept.address, CONTEXTS["sealed_address"]),
            phone_index=self._index("phone", person.phone),
            id_index=self._index("id_number", person.id_card),
        )

    def _index(self, kind: Kind, value: Personal | None) -> str | None:
        return self.blind.entry(kind, value.reveal()) if value else None
