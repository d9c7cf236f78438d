"""An identity provider of the tests: signs tokens, publishes its keys, rotates them."""

import base64
import hmac
import json
from datetime import datetime
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, OKPKey, RSAKey

from shared.kernel.trading_day import CHINA
from shared.web.jwks import Jwks

NOW = datetime(2026, 6, 2, 9, 0, tzinfo=CHINA)
ISSUER, AUDIENCE = "https://login.broker.example/", "guanchao"
Key = RSAKey | ECKey | OKPKey


@cache
def key(kid: str, kind: str = "RSA") -> Key:
    """Return a signing key; the same one each time it is asked for."""
    told: KeyParameters = {"kid": kid, "use": "sig"}
    if kind == "RSA":
        return RSAKey.generate_key(2048, told)
    if kind == "EC":
        return ECKey.generate_key("P-256", told)
    return OKPKey.generate_key("Ed25519", told)


class Issuer:
    """Signs with the newest of its keys; ``asked`` counts how often the set was read."""

    def __init__(self, *kids: str) -> None:
        self.kids = list(kids) or ["a"]
        self.asked = 0
        self.away = False
        self.seconds = 0.0
        self.jwks = Jwks(self.read, lambda: self.seconds)

    async def read(self) -> bytes:
        self.asked += 1
        if self.away:
            raise OSError("no route")
        return self.document()

    def document(self) -> bytes:
        return json.dumps({"keys": [key(kid).as_dict(private=False) for kid in self.kids]}).encode()

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Return a person's claims; one that is None is left out."""
        now = int(NOW.timestamp())
        told = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "sub": "someone"}
        told |= {"staff_id": "m001", "roles": ["manager"]} | changed
        return {name: value for name, value in told.items() if value is not None}

    def token(self, **changed: Any) -> str:
        """Return a good token, except for what is changed."""
        header = {"alg": "RS256", "kid": self.kids[-1]}
        return jwt.encode(header, self.claims(**changed), key(self.kids[-1]))

    def forged(self, header: dict[str, Any], signer: Key | bytes) -> str:
        """Return a token with a header and signature of somebody's choice; bytes: a secret."""
        if not isinstance(signer, bytes):
            return jwt.encode(header, self.claims(), signer, algorithms=[header["alg"]])
        signed = b".".join(_base64(json.dumps(part).encode()) for part in (header, self.claims()))
        signature = hmac.digest(signer, signed, "sha256") if signer else b""
        return (signed + b"." + _base64(signature)).decode()


def _base64(value: bytes) -> bytes:
    return base64.urlsafe_b64encode(value).rstrip(b"=")
