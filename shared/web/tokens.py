"""令牌 — JWT of an OIDC provider: whose, for us, in time, signed by one of the provider's keys.

The reason of a refusal is one of a short list and quotes nothing of the token; claims are judged
only after the signature held.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from shared.clock import Clock
from shared.contracts.event import CODE
from shared.settings import TokenRules
from shared.web.access import Principal
from shared.web.jwks import KeysAway, KeySource
from shared.web.permissions import SYSTEM_SCOPES, Permission, Role
from shared.web.refusal import Away, Unauthenticated

LARGEST = 8 * 1024  # characters
_STAFF_ID = re.compile(CODE)
_CLIENT = re.compile(r"[\w.@:/-]{1,80}", re.ASCII)
_TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
Claims = Mapping[str, Any]


class Tokens:
    """Knows people, and systems without a key, by the tokens of one provider."""

    def __init__(self, rules: TokenRules, keys: KeySource, clock: Clock) -> None:
        self._rules, self._keys, self._clock = rules, keys, clock
        self._registry = JWSRegistry(algorithms=rules.algorithms, strict_check_header=False)

    async def identify(self, credential: str) -> Principal | None:
        """Return whose token it is; None: it is no token; one that does not hold is refused."""
        if not _TOKEN.fullmatch(credential):
            return None
        if len(credential) > LARGEST:
            raise Unauthenticated("the token is too long")
        claims = await self._signed(credential, _header(credential))
        self._judge(claims)
        return self._principal(claims)

    async def _signed(self, credential: str, header: Mapping[str, Any]) -> Claims:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self._rules.algorithms:
            raise Unauthenticated("the token's algorithm is not allowed")
        try:
            key = await self._keys.find(kid if isinstance(kid, str) else None)
        except KeysAway:
            raise Away("the identity provider") from None
        if key is None or key.alg not in (None, algorithm):
            raise Unauthenticated("the token's key is unknown")
        try:
            return jwt.decode(credential, key, registry=self._registry).claims
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated("the token's signature does not hold") from None

    def _judge(self, claims: Claims) -> None:
        rules = self._rules
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=rules.leeway_seconds,
            iss={"essential": True, "value": rules.issuer},
            aud={"essential": True, "value": rules.audience},
            exp={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except ExpiredTokenError:
            raise Unauthenticated("the token has expired") from None
        except (InvalidClaimError, MissingClaimError) as failure:
            why = _WRONG.get(failure.claim, "the token's claims do not hold")
            raise Unauthenticated(why) from None

    def _principal(self, claims: Claims) -> Principal:
        staff_id = _at(claims, self._rules.staff_claim)
        if staff_id is None:
            return _system(claims)
        if not isinstance(staff_id, str) or not _STAFF_ID.fullmatch(staff_id):
            raise Unauthenticated("the token names no staff id")
        return Principal(staff_id, roles=self._roles(claims))

    def _roles(self, claims: Claims) -> frozenset[Role]:
        told = _at(claims, self._rules.roles_claim)
        names = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        ours = {role.value: role for role in Role} | self._rules.roles
        return frozenset(ours[name] for name in names if isinstance(name, str) and name in ours)


_WRONG = {
    "aud": "the token is for another audience",
    "iss": "the token is of another issuer",
    "nbf": "the token is not yet valid",
    "iat": "the token is not yet valid",
    "exp": "the token has no end",
}


def _header(credential: str) -> Mapping[str, Any]:
    try:
        header = json.loads(urlsafe_b64decode(credential.partition(".")[0].encode()))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise Unauthenticated("the token cannot be read")
    return header


def _system(claims: Claims) -> Principal:
    """A token without a staff id is a system's: client credentials with scopes."""
    name = claims.get("client_id") or claims.get("azp") or claims.get("sub")
    told = claims.get("scope")
    if not isinstance(name, str) or not _CLIENT.fullmatch(name) or not isinstance(told, str):
        raise Unauthenticated("the token names neither a staff id nor a client with scopes")
    scopes = frozenset(Permission(scope) for scope in told.split() if scope in SYSTEM_SCOPES)
    return Principal(f"client:{name}", scopes)


def _at(claims: Claims, path: str) -> Any:
    """Return what stands at a dotted path; a claim whose own name has points comes first."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found
