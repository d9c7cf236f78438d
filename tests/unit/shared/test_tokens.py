"""A token opens only when it is of our issuer, for us, in time, and signed by a published key."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from shared.clock import DrivenClock
from shared.settings import TokenRules, TokenSettings
from shared.web.access import Principal
from shared.web.jwks import usable
from shared.web.permissions import Permission, Role
from shared.web.refusal import Away, Unauthenticated
from shared.web.tokens import Tokens
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer, key

AT = int(NOW.timestamp())
RULES = TokenRules(issuer=ISSUER, audience=AUDIENCE, leeway_seconds=30)


def tokens(issuer: Issuer, rules: TokenRules = RULES) -> Tokens:
    return Tokens(rules, issuer.jwks, DrivenClock(NOW))


async def reason(issuer: Issuer, token: str, rules: TokenRules = RULES) -> str:
    """Return why a token is refused."""
    with pytest.raises(Unauthenticated) as refused:
        await tokens(issuer, rules).identify(token)
    assert refused.value.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
    return refused.value.detail


async def test_a_person_is_known_with_roles() -> None:
    issuer = Issuer()
    roles = ["manager", "team-lead", "no-such-role", 7]
    known = await tokens(issuer).identify(issuer.token(roles=roles))
    assert known == Principal("m001", roles=frozenset({Role.MANAGER, Role.TEAM_LEAD}))


async def test_claims_and_roles_may_have_the_providers_names() -> None:
    issuer = Issuer()
    rules = TokenRules(
        issuer=ISSUER,
        audience=AUDIENCE,
        staff_claim="https://x.example/staff",
        roles_claim="realm_access.roles",
        roles={"风控": Role.RISK},
    )
    told = {"https://x.example/staff": "r1", "realm_access": {"roles": ["风控", "auditor"]}}
    known = await tokens(issuer, rules).identify(issuer.token(**told))
    assert known == Principal("r1", roles=frozenset({Role.RISK, Role.AUDITOR}))


async def test_a_token_of_a_system_has_scopes_and_can_never_reveal() -> None:
    issuer = Issuer()
    told = {"staff_id": None, "roles": ["risk"], "client_id": "feed-2"}
    scope = "openid events:write clients:reveal"
    known = await tokens(issuer).identify(issuer.token(scope=scope, **told))
    assert known == Principal("client:feed-2", frozenset({Permission.EVENTS_WRITE}))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": AT - 31}, "the token has expired"),
        ({"exp": None}, "the token has no end"),
        ({"exp": "tomorrow"}, "the token has no end"),
        ({"nbf": AT + 31}, "the token is not yet valid"),
        ({"iat": AT + 31}, "the token is not yet valid"),
        ({"aud": "another"}, "the token is for another audience"),
        ({"aud": None}, "the token is for another audience"),
        ({"aud": ["another", "third"]}, "the token is for another audience"),
        ({"iss": "https://evil.example/"}, "the token is of another issuer"),
        ({"iss": None}, "the token is of another issuer"),
        ({"staff_id": "张三"}, "the token names no staff id"),
        ({"staff_id": 7}, "the token names no staff id"),
        ({"staff_id": None}, "the token names neither a staff id nor a client with scopes"),
        (
            {"staff_id": None, "client_id": "a\0b\n", "scope": "files:read"},
            "the token names neither a staff id nor a client with scopes",
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
async def test_claims_that_do_not_hold_are_refused_by_their_reason(
    changed: dict[str, Any], why: str
) -> None:
    issuer = Issuer()
    assert await reason(issuer, issuer.token(**changed)) == why


@pytest.mark.parametrize(
    "changed", [{"exp": AT - 29}, {"nbf": AT + 29}, {"iat": AT + 29}, {"aud": ["x", AUDIENCE]}]
)
async def test_a_clock_that_is_a_little_off_is_forgiven(changed: dict[str, Any]) -> None:
    issuer = Issuer()
    assert await tokens(issuer).identify(issuer.token(**changed))


async def test_no_algorithm_and_a_shared_secret_are_refused() -> None:
    issuer = Issuer()
    secret = key("a").as_pem(private=False)
    not_allowed = "the token's algorithm is not allowed"
    for header, signer in (
        ({"alg": "none", "kid": "a"}, b""),
        ({"alg": "None", "kid": "a"}, b""),
        ({"kid": "a"}, b""),
        ({"alg": "HS256", "kid": "a"}, secret),
        ({"alg": "RS384", "kid": "a"}, key("a")),
    ):
        assert await reason(issuer, issuer.forged(header, signer)) == not_allowed


async def test_a_signature_by_another_key_or_for_another_text_is_refused() -> None:
    issuer = Issuer("a", "b")
    unheld = "the token's signature does not hold"
    good = issuer.token()
    head, body, signature = good.split(".")
    other = issuer.token(roles=["risk"]).split(".")[1]
    assert await reason(issuer, f"{head}.{other}.{signature}") == unheld
    assert await reason(issuer, f"{head}.{body}.") == unheld
    assert await reason(issuer, f"{head}.{body}.{signature[:-8]}AAAAAAAA") == unheld
    assert await reason(issuer, issuer.forged({"alg": "RS256", "kid": "a"}, key("b"))) == unheld
    assert (
        await reason(issuer, issuer.forged({"alg": "ES256", "kid": "a"}, key("e", "EC"))) == unheld
    )


async def test_a_key_that_the_token_brings_along_is_not_believed() -> None:
    issuer, evil = Issuer(), key("evil")
    header = {"alg": "RS256", "kid": "evil", "jwk": evil.as_dict(private=False)}
    assert await reason(issuer, issuer.forged(header, evil)) == "the token's key is unknown"
    header["kid"] = "a"
    assert (
        await reason(issuer, issuer.forged(header, evil)) == "the token's signature does not hold"
    )


async def test_a_key_of_a_new_id_is_asked_for_but_not_for_every_token() -> None:
    issuer = Issuer("a")
    judge = tokens(issuer)
    assert await judge.identify(issuer.token())
    issuer.kids.append("b")
    assert await reason_of(judge, issuer.token()) == "the token's key is unknown"
    issuer.seconds += 31
    assert await judge.identify(issuer.token())
    for _ in range(20):
        await reason_of(judge, issuer.forged({"alg": "RS256", "kid": "x"}, key("x")))
    assert issuer.asked == 2


async def reason_of(judge: Tokens, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await judge.identify(token)
    return refused.value.detail


async def test_without_the_providers_keys_it_is_nobodys_fault() -> None:
    issuer = Issuer()
    issuer.away = True
    with pytest.raises(Away) as away:
        await tokens(issuer).identify(issuer.token())
    assert (away.value.status, away.value.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("kind", ["EC", "OKP"])
async def test_elliptic_keys_sign_as_well(kind: str) -> None:
    issuer = Issuer()
    signer = key("e", kind)
    issuer.document = lambda: json.dumps(  # type: ignore[method-assign]
        {"keys": [signer.as_dict(private=False)]}
    ).encode()
    algorithm = {"EC": "ES256", "OKP": "Ed25519"}[kind]
    rules = RULES.model_copy(update={"algorithms": frozenset({algorithm})})
    assert await tokens(issuer, rules).identify(
        issuer.forged({"alg": algorithm, "kid": "e"}, signer)
    )


async def test_what_is_no_token_is_left_to_others_and_an_endless_one_refused() -> None:
    issuer = Issuer()
    for other in ("", "push-key", "gck_1_2", "a.b", "ä.b.c"):
        assert await tokens(issuer).identify(other) is None
    assert await reason(issuer, f"{'a' * 9000}.b.c") == "the token is too long"
    assert await reason(issuer, "a.b.c") == "the token cannot be read"


@pytest.mark.parametrize(
    "unfit",
    [
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "x"},
        {**key("x").as_dict(private=False), "use": "enc"},
        {**key("x").as_dict(private=True)},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "future"},
        {"kty": "RSA"},
        "text",
    ],
    ids=["symmetric", "encrypts", "private", "short", "unknown", "empty", "no-object"],
)
def test_a_key_that_is_not_fit_is_left_out(unfit: Any) -> None:
    good = key("a").as_dict(private=False)
    assert [one.kid for one in usable(json.dumps({"keys": [unfit, good]}).encode())] == ["a"]
    with pytest.raises(ValueError, match="no usable key"):
        usable(json.dumps({"keys": [unfit]}).encode())


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512"])
def test_no_site_can_allow_a_shared_secret(algorithm: str) -> None:
    with pytest.raises(ValidationError):
        TokenRules.model_validate({"issuer": "i", "audience": "a", "algorithms": [algorithm]})


@pytest.mark.parametrize("told", [{}, {"jwks_url": "https://x/", "jwks_file": "y"}])
def test_the_keys_come_from_one_place(told: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either"):
        TokenSettings.model_validate({"issuer": "i", "audience": "a", **told})
