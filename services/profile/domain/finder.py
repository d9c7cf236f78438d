"""查找 — what a sealed name or phone is found by, made when the client is told."""

from dataclasses import dataclass

from shared.blind_index import BlindIndex
from shared.contracts.customers import CONTEXTS, Customer
from shared.crypto import CannotOpen, FieldCipher
from shared.kernel.masking import Phone


@dataclass(frozen=True)
class Finder:
    """Opens a name and a phone for as long as it takes to index them."""

    cipher: FieldCipher
    index: BlindIndex

    def name(self, customer: Customer) -> str | None:
        """Return the index of the whole name; None: it cannot be opened."""
        opened = self._open(customer.sealed_name, "sealed_name")
        return self.index.entry("name", opened) if opened else None

    def masked_phone(self, customer: Customer) -> str | None:
        """Return the index of the phone as it is shown, 138****5678."""
        opened = self._open(customer.sealed_phone, "sealed_phone")
        return self.index.entry("masked_phone", str(Phone(opened))) if opened else None

    def _open(self, sealed: str | None, field: str) -> str | None:
        try:
            return self.cipher.open(sealed, CONTEXTS[field]) if sealed else None
        except CannotOpen:
            return None
