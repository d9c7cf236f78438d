"""阿里云 RPC — what its interfaces for messages and calls have in common (2017-05-25).

Signed with ACS3-HMAC-SHA256; the parameters stand in a form body, so that no phone number ever
stands in an address. Date and nonce are headers: the body stays the same on a repeat.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC
from hashlib import sha256
from urllib.parse import quote, urlencode, urlsplit

from pydantic import SecretStr

from services.notify.domain.channel import HttpRequest, HttpResponse, Ticket, named
from services.notify.domain.outcome import SERVER_ERRORS, Outcome, Rejected, Retry, Sent, by_status

ALGORITHM, VERSION = "ACS3-HMAC-SHA256", "2017-05-25"
CODES: dict[str, Outcome] = {
    "isp.SYSTEM_ERROR": Retry("code-isp.SYSTEM_ERROR", unsure=True),
    "isp.GATEWAY_ERROR": Retry("code-isp.GATEWAY_ERROR", unsure=True),
    "InternalError": Retry("code-InternalError", unsure=True),
    "SignatureNonceUsed": Retry("code-SignatureNonceUsed", unsure=True),
    "ServiceUnavailable": Retry("code-ServiceUnavailable"),
    "Throttling": Retry("code-Throttling"),
    "Throttling.User": Retry("code-Throttling.User"),
    "Throttling.Api": Retry("code-Throttling.Api"),
}
"""What a Code means; every other one but OK is permanent (isv.BUSINESS_LIMIT_CONTROL: the
number's or the template's day is used up)."""


def form(parameters: Mapping[str, str]) -> str:
    """Return the body."""
    return urlencode(parameters, quote_via=quote, safe="-_.~")


def request(
    api_url: str, action: str, body: str, ticket: Ticket, keys: tuple[str, SecretStr]
) -> HttpRequest:
    """Sign the body with this send's date and nonce; ``keys`` are the key's id and secret."""
    raw = body.encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": urlsplit(api_url).netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": sha256(raw).hexdigest(),
        "x-acs-date": ticket.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": ticket.nonce,
        "x-acs-version": VERSION,
    }
    signed = authorization("", headers, *keys)
    return HttpRequest(
        url=f"{api_url.rstrip('/')}/",
        headers=(*headers.items(), ("authorization", signed)),
        body=raw,
    )


def outcome(response: HttpResponse, number: str) -> Outcome:
    """The interface's own ``Code`` says it; without one, the HTTP status.

    ``number``: the field that holds the gateway's own number of the message or call.
    """
    match response.json:
        case {"Code": "OK"}:
            return Sent(str(response.json.get(number, ""))[:200])
        case {"Code": str(code)} if code in CODES:
            return CODES[code]
        case {"Code": str(code)} if response.status < SERVER_ERRORS:
            return Rejected(named("code", code))
        case _:
            return by_status(response.status)


def authorization(query: str, headers: dict[str, str], key_id: str, key_secret: SecretStr) -> str:
    """Return the Authorization header of a POST to ``/``.

    https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
    ``query`` is the canonical query string; ``headers`` (lower case) are all signed.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    payload = headers["x-acs-content-sha256"]
    canonical_request = "\n".join(("POST", "/", query, lines, names, payload))
    to_sign = f"{ALGORITHM}\n{sha256(canonical_request.encode()).hexdigest()}"
    secret = key_secret.get_secret_value().encode()
    signature = hmac.new(secret, to_sign.encode(), sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
