"""Sealing of personal fields in topics and tables: AES-256-GCM under a named key.

A sealed value is ``kid.base64url(nonce + ciphertext)``. The first key seals; every key opens, so a
rotation adds a new first key and keeps the old ones until all is sealed anew.
"""

import base64
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class CannotOpen(ValueError):
    """The value was not sealed for this context by any of our keys. It never quotes the value."""


class FieldCipher:
    """Seals and opens fields; ``context`` (e.g. ``staff.mobile``) is bound to the value."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """Take key id → base64 of 32 bytes; the first one seals."""
        if not keys:
            raise ValueError("no field key is configured")
        self._keys = {kid: AESGCM(base64.b64decode(key)) for kid, key in keys.items()}
        self._current = next(iter(self._keys))

    def seal(self, value: str, context: str) -> str:
        """Return the sealed form of a value."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self._current].encrypt(nonce, value.encode(), context.encode())
        return f"{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Return the value in clear.

        >>> cipher = FieldCipher({"k1": base64.b64encode(bytes(32)).decode()})
        >>> cipher.open(cipher.seal("13812345678", "staff.mobile"), "staff.mobile")
        '13812345678'
        >>> cipher.open(cipher.seal("13812345678", "staff.mobile"), "staff.email")
        Traceback (most recent call last):
        shared.crypto.CannotOpen: sealed for another context or broken
        """
        kid, _, body = sealed.partition(".")
        key = self._keys.get(kid)
        if key is None:
            raise CannotOpen("sealed by a key that is not configured")
        try:
            raw = base64.urlsafe_b64decode(body)
            opened = key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise CannotOpen("sealed for another context or broken") from None
        return opened.decode()
