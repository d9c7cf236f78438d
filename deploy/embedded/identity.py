"""身份 — stands in for the broker's identity provider, on this machine alone.

Its key follows from the state folder's secrets, which only their owner can read. A real provider
replaces it by the same variables.
"""

import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER, AUDIENCE, KID = "https://guanchao.invalid/embedded", "guanchao", "embedded"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


class Identity:
    """Signs tokens by a key made of ``seed``."""

    def __init__(self, seed: str) -> None:
        number = int.from_bytes(hmac.digest(seed.encode(), b"identity", "sha512"))
        made = derive_private_key(1 + number % (ORDER - 1), SECP256R1())
        self._key = ECKey(made, made, {"kid": KID, "use": "sig", "alg": "ES256"})

    def token(self, staff_id: str, roles: list[str], now: datetime, life: timedelta) -> str:
        """Return a person's token."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": staff_id,
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "staff_id": staff_id,
            "roles": roles,
        }
        return jwt.encode({"alg": "ES256", "kid": KID}, claims, self._key)

    def publish(self, file: Path) -> None:
        """Write the public keys where the services read them."""
        keys = {"keys": [self._key.as_dict(private=False)]}
        file.write_text(json.dumps(keys), encoding="utf-8")


def variables(service: str, file: Path) -> dict[str, str]:
    """Return what a service must be told to know these tokens."""
    prefix = f"{service.upper()}_TOKENS__"
    return {
        f"{prefix}ISSUER": ISSUER,
        f"{prefix}AUDIENCE": AUDIENCE,
        f"{prefix}JWKS_FILE": str(file),
    }
