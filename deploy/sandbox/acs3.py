"""阿里云 V3 签名 — the receiving side of ACS3-HMAC-SHA256.

https://help.aliyun.com/document_detail/2593177.html, written from the specification alone, so
that a client's mistake cannot be repeated here.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from deploy.sandbox.entries import Call, Refused

ALGORITHM = "ACS3-HMAC-SHA256"
SKEW_SECONDS = 15 * 60
DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[^,\s]+), ?SignedHeaders=(?P<headers>[^,\s]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
REQUIRED = ("x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce")


def verify(call: Call, secret_of: Callable[[str], str | None]) -> str:
    """Return the request's nonce when its signature is good; raise `Refused` when it is not.

    The date is compared with the wall, as the real gateway's is. Whether the nonce was used before
    is the caller's memory.
    """
    for name in REQUIRED:
        if not call.headers.get(name):
            raise Refused(f"Missing{name.title().replace('-', '')}", f"{name} is mandatory.", 400)
    _check_date(call.headers["x-acs-date"], call.wall)
    found = AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
    if found is None:
        raise Refused("IncompleteSignature", f"Authorization is not of the form {ALGORITHM}.", 400)
    secret = secret_of(found["key"])
    if secret is None:
        raise Refused("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
    payload = sha256(call.body).hexdigest()
    if call.headers.get("x-acs-content-sha256") != payload:
        raise Refused("SignatureDoesNotMatch", "x-acs-content-sha256 is not the body's hash.", 400)
    names = found["headers"].split(";")
    _check_names(names, call.headers)
    canonical = canonical_request(call, names, payload)
    text = f"{ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}"
    expected = hmac.new(secret.encode(), text.encode(), sha256).hexdigest()
    if not hmac.compare_digest(expected, found["signature"]):
        reason = "Specified signature is not matched with our calculation. "
        raise Refused("SignatureDoesNotMatch", f"{reason}server StringToSign is:[{text}]", 400)
    return call.headers["x-acs-signature-nonce"]


def canonical_request(call: Call, names: Iterable[str], payload: str) -> str:
    """Return the six parts of the request that are signed, joined by newlines."""
    names = sorted(names)
    return "\n".join(
        (
            call.method,
            quote(call.path, safe="/-_.~"),
            "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(call.query)),
            "".join(f"{name}:{call.headers[name].strip()}\n" for name in names),
            ";".join(names),
            payload,
        )
    )


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")


def _check_date(text: str, wall: float) -> None:
    try:
        said = datetime.strptime(text, DATE_FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refused("InvalidTimeStamp.Format", f"x-acs-date is not {DATE_FORMAT}.", 400) from None
    if abs(wall - said) > SKEW_SECONDS:
        reason = "Specified time stamp or date value is expired."
        raise Refused("InvalidTimeStamp.Expired", reason, 400)


def _check_names(names: list[str], headers: Mapping[str, str]) -> None:
    """All of ``x-acs-*`` and the host must be signed, and nothing that was not sent."""
    must = {"host", *(name for name in headers if name.startswith("x-acs-"))}
    unsigned, absent = must - set(names), set(names) - set(headers)
    if unsigned or absent:
        names_ = ", ".join(sorted(unsigned or absent))
        what = "not among SignedHeaders" if unsigned else "signed and not sent"
        raise Refused("SignatureDoesNotMatch", f"{what}: {names_}", 400)
