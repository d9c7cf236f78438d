"""企业微信回调 — https://developer.work.weixin.qq.com/document/path/91144

AES-256-CBC, the key's first 16 bytes as its vector, PKCS#7 to 32; inside: 16 random bytes, four of
length, the message, the corporation. The signature covers token, time, nonce and ciphertext.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator

from shared.contracts.callbacks import Click
from shared.kernel.trading_day import CHINA

WINDOW = timedelta(minutes=5)
BLOCK, RANDOM, LENGTH = 32, 16, 4
VALUE = r"<{0}>\s*(?:<!\[CDATA\[(.*?)\]\]>|([^<&]*))\s*</{0}>"
"""One flat element. No entity, no document type, no nesting: nothing to be expanded."""


class Forged(ValueError):
    """It is not 企业微信's, not for us, too old, or cannot be read. The text quotes nothing."""


class WecomCallback(BaseModel):
    """Its settings, as 接收消息服务器配置 shows them: Token and EncodingAESKey."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr
    aes_key: SecretStr

    @field_validator("aes_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9]{43}", key.get_secret_value()):
            raise ValueError("EncodingAESKey has 43 letters and digits")
        return key


@dataclass(frozen=True)
class Stamp:
    """What a callback's address carries beside its body."""

    signature: str = field(repr=False)
    timestamp: str
    nonce: str


@dataclass(frozen=True)
class Envelope:
    """Opens callbacks meant for one corporation."""

    settings: WecomCallback
    corp_id: str

    def open(self, stamp: Stamp, encrypted: str, now: datetime) -> str:
        """Return the message inside; raises ``Forged``. ``now`` is the wall's."""
        parts = (
            self.settings.token.get_secret_value(),
            stamp.timestamp,
            stamp.nonce,
            encrypted,
        )
        expected = sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(expected.encode(), stamp.signature.encode()):
            raise Forged("signature")
        if not re.fullmatch(r"[0-9]{1,12}", stamp.timestamp):
            raise Forged("timestamp")
        if abs(now.timestamp() - int(stamp.timestamp)) > WINDOW.total_seconds():
            raise Forged("too old")
        return self._decrypted(encrypted)

    def _decrypted(self, encrypted: str) -> str:
        key = base64.b64decode(f"{self.settings.aes_key.get_secret_value()}=")
        try:
            raw = base64.b64decode(encrypted, validate=True)
            opening = Cipher(AES256(key), CBC(key[:16])).decryptor()
            padded = opening.update(raw) + opening.finalize()
            pad = padded[-1]
            plain = padded[:-pad]
            end = RANDOM + LENGTH + int.from_bytes(plain[RANDOM : RANDOM + LENGTH], "big")
            message, receiver = plain[RANDOM + LENGTH : end].decode(), plain[end:].decode()
        except (ValueError, IndexError):
            raise Forged("ciphertext") from None
        if not 1 <= pad <= BLOCK or not hmac.compare_digest(
            receiver.encode(), self.corp_id.encode()
        ):
            raise Forged("receiver")
        return message


def encrypted_in(body: bytes) -> str:
    """Return the ciphertext of a callback's body; raises ``Forged``."""
    try:
        found = value_of(body.decode(), "Encrypt")
    except UnicodeDecodeError:
        found = None
    if not found:
        raise Forged("body")
    return found


def value_of(xml: str, name: str) -> str | None:
    """Return the text of the one element of this name; None when there is none, or several.

    >>> value_of("<xml><A><![CDATA[x<y]]></A><B>7</B></xml>", "A")
    'x<y'
    >>> value_of("<!DOCTYPE a [<!ENTITY e 'x'>]><xml><B>&e;</B></xml>", "B")
    """
    found = re.findall(VALUE.format(name), xml, re.DOTALL)
    return "".join(found[0]) if len(found) == 1 else None


def click_in(message: str) -> Click | None:
    """Return the tap that a message tells; None: it tells something else; raises ``Forged``."""
    if value_of(message, "Event") != "template_card_event":
        return None
    try:
        return Click(
            intent_id=UUID(value_of(message, "TaskId") or ""),
            userid=value_of(message, "FromUserName") or "",
            key=value_of(message, "EventKey") or "",
            choice=value_of(message, "OptionId") or "",
            response_code=value_of(message, "ResponseCode") or "",
            at=datetime.fromtimestamp(int(value_of(message, "CreateTime") or ""), CHINA),
        )
    except (ValidationError, ValueError, OverflowError):
        raise Forged("message") from None
