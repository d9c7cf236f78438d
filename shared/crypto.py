"""Sealing of personal fields, and finding them again without opening them.

A sealed value is ``kid.base64url(nonce + ciphertext)``. The first key seals; every key opens, so a
rotation adds a new first key and keeps the old ones until all is sealed anew.
"""

import base64
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

NONCE_BYTES = 12
TAG_BYTES = 16
SM4_BYTES = 16
NATIONAL = "sm4:"
"""What a key of the national cipher (国密 SM4-GCM) begins with; any other is AES-256-GCM."""


class CannotOpen(ValueError):
    """The value was not sealed for this context by any of our keys. It never quotes the value."""


class FieldCipher:
    """Seals and opens fields; ``context`` (e.g. ``staff.mobile``) is bound to the value."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """Take key id → base64 of 32 bytes, or ``sm4:`` and base64 of 16; the first one seals."""
        if not keys:
            raise ValueError("no field key is configured")
        if any("." in kid for kid in keys):
            raise ValueError("a key id holds no point")
        self._keys = {kid: _key(text) for kid, text in keys.items()}
        self.current = next(iter(self._keys))

    def seal(self, value: str, context: str) -> str:
        """Return the sealed form of a value."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._keys[self.current].encrypt(nonce, value.encode(), context.encode())
        return f"{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

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

    def is_current(self, sealed: str) -> bool:
        """Say whether a value is sealed by the key that seals today."""
        return sealed.partition(".")[0] == self.current

    def reseal(self, sealed: str, context: str) -> str:
        """Return the value under today's key; one that is under it already stays as it is."""
        if self.is_current(sealed):
            return sealed
        return self.seal(self.open(sealed, context), context)


class _Key(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class _SM4GCM:
    """SM4-GCM in the shape of ``AESGCM``: the tag stands behind the ciphertext."""

    def __init__(self, key: bytes) -> None:
        if len(key) != SM4_BYTES:
            raise ValueError(f"an SM4 key is {SM4_BYTES} bytes")
        self._cipher = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        sealing = Cipher(self._cipher, GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        if len(nonce) != NONCE_BYTES or len(data) < TAG_BYTES:
            raise InvalidTag
        mode = GCM(nonce, data[-TAG_BYTES:], TAG_BYTES)
        opening = Cipher(self._cipher, mode).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-TAG_BYTES]) + opening.finalize()


def _key(text: str) -> _Key:
    if text.startswith(NATIONAL):
        return _SM4GCM(base64.b64decode(text.removeprefix(NATIONAL)))
    return AESGCM(base64.b64decode(text))
