"""通道 — says what to ask and what the answer means. It never touches the network."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, SecretStr

from services.notify.domain.lengths import cut
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Outcome
from services.notify.domain.receiver import Receiver


@dataclass(frozen=True)
class Links:
    """The signed addresses of the alert's page, for one receiver."""

    view: str = field(repr=False)
    todo: str = field(repr=False)
    call: str = field(repr=False)


@dataclass(frozen=True)
class Notification:
    """通知 — an alert worded for one receiver. The same one always gives the same body.

    ``account`` is masked; empty when the alert is no client's matter.
    """

    intent_id: UUID
    receiver: Receiver
    source: str
    title: str
    mark: str
    client: str
    account: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    action: str
    code: str
    links: Links


@dataclass(frozen=True)
class Ticket:
    """What differs between two sends of one body, so that the body itself never does."""

    at: datetime
    nonce: str
    token: SecretStr | None = None


@dataclass(frozen=True, repr=False)
class HttpRequest:
    """It has no repr: an address may carry a token, a body a phone number."""

    url: str
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True)
class HttpResponse:
    """``json`` is empty when the answer is no JSON object."""

    status: int
    json: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Resend:
    """How far repeats may go. ``unsure``: repeats of a send that may have been taken (None: any).

    ``window``: business time from the first attempt after which nothing is repeated.
    """

    unsure: int | None
    window: timedelta


ONCE = Resend(unsure=0, window=timedelta())
"""Never again once it may have been taken."""


def _private(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ValueError("a gateway's address must be https (http only on this machine)")


LOOPBACK = ("127.0.0.1", "localhost", "::1")
GatewayUrl = Annotated[str, AfterValidator(_private)]


class Channel(Protocol):
    """One way to reach a person, or (``team``) a role's whole team at once.

    One file of ``channels`` each; its fields are its settings.
    """

    team: ClassVar[bool]

    @property
    def resend(self) -> Resend: ...
    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Return the named reason why this receiver cannot be reached by it, or None."""
        ...

    def hosts(self) -> frozenset[str]:
        """Return the hosts it may talk to."""
        ...

    def body(self, notification: Notification) -> str:
        """Return the request body: stored before the first send, identical on every repeat."""
        ...

    def request(self, body: str, ticket: Ticket) -> HttpRequest | MailRequest: ...
    def outcome(self, response: HttpResponse) -> Outcome: ...


class TokenChannel(Channel, Protocol):
    """A channel whose requests need an access token that is fetched and kept."""

    def token_request(self) -> HttpRequest: ...
    def token(self, response: HttpResponse) -> tuple[SecretStr, timedelta] | str:
        """Return the token and how long it lives, or the named reason why there is none."""
        ...


@dataclass(frozen=True)
class Receipt:
    """回执 — what became of an accepted message: on the phone, or failed with the ``code`` given.

    ``message_id`` is the one of `Sent`; ``at`` is when the provider says it happened.
    """

    message_id: str
    delivered: bool
    code: str
    at: datetime


class WrongReceipt(ValueError):
    """The provider's report cannot be read; it says nothing of what stood in it."""


class ReceiptChannel(Channel, Protocol):
    """A channel whose provider reports later what became of a message."""

    @property
    def taken(self) -> Mapping[str, Any]:
        """The JSON the provider expects (with 200) once its report is kept; else it repeats it."""
        ...

    def receipts(self, payload: bytes) -> Sequence[Receipt]:
        """Return what a report says, in its order; raises `WrongReceipt`."""
        ...


def canonical(value: Any) -> str:
    """Return JSON whose bytes depend on the content alone.

    >>> canonical({"b": 1, "a": "出金"})
    '{"a":"出金","b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def titled(said: Notification, limit: int) -> str:
    """Return the title with its mark, which is never cut away."""
    return cut(said.title, limit - len(said.mark)) + said.mark


def named(prefix: str, code: object) -> str:
    r"""Return a reason that may stand in a label and a log, whatever the gateway wrote.

    >>> named("errcode", 81013), named("code", "isv.BUSINESS LIMIT 13800000000\n")
    ('errcode-81013', 'code-isv.BUSINESS-LIMIT-')
    """
    plain = re.sub(r"[^A-Za-z0-9_.]+", "-", re.sub(r"\d{7,}", "", str(code)))
    return f"{prefix}-{plain[:40]}"
