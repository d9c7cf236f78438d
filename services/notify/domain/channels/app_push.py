"""App 推送 — a signed webhook of the broker's own app server: a CloudEvent, once for each ``id``.

``x-guanchao-signature: sha256=…`` is the HMAC-SHA256 of ``timestamp.body``, keyed with the secret;
``x-guanchao-timestamp`` are unix seconds. The server answers 200 with ``{"taken": true}``, also for
an ``id`` it has had before: so a send that may have been taken is simply repeated.
"""

import hmac
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.notify.domain.channel import (
    GatewayUrl,
    HttpRequest,
    HttpResponse,
    Notification,
    Resend,
    Ticket,
    canonical,
    titled,
)
from services.notify.domain.lengths import cut
from services.notify.domain.outcome import Outcome, Rejected, Sent, by_status
from services.notify.domain.receiver import Receiver

TITLE, SENTENCE, FACTS, WORD = 64, 500, 12, 64


class AppPush(BaseModel):
    """Its settings: the webhook's whole address, and the secret that signs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl
    secret: SecretStr = Field(min_length=16)

    resend: ClassVar[Resend] = Resend(unsure=None, window=timedelta(hours=24))
    team: ClassVar[bool] = False

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Everybody of the staff is known to it by the staff id; a team is nobody."""
        return "no-person" if receiver.is_team else None

    def hosts(self) -> frozenset[str]:
        """The one server."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the event; its id is the intent's."""
        return canonical(
            {
                "specversion": "1.0",
                "id": str(notification.intent_id),
                "source": "/guanchao/notify",
                "type": "guanchao.notification",
                "datacontenttype": "application/json",
                "data": {
                    "receiver": notification.receiver.staff_id,
                    "title": titled(notification, TITLE),
                    "client": notification.client,
                    "account": notification.account,
                    "facts": [_fact(*fact) for fact in notification.facts[:FACTS]],
                    "summary": cut(notification.summary, SENTENCE),
                    "action": cut(notification.action, SENTENCE),
                    "code": notification.code,
                    "url": notification.links.view,
                },
            }
        )

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the body with this send's time."""
        seconds = str(int(ticket.at.timestamp()))
        signature = sign(seconds, body, self.secret.get_secret_value())
        return HttpRequest(
            url=self.api_url,
            headers=(
                ("content-type", "application/cloudevents+json; charset=utf-8"),
                ("x-guanchao-timestamp", seconds),
                ("x-guanchao-signature", f"sha256={signature}"),
            ),
            body=body.encode(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """``taken`` says it; ``false``: this receiver has no app."""
        match response:
            case HttpResponse(status=200, json={"taken": True}):
                return Sent(str(response.json.get("id", ""))[:200])
            case HttpResponse(status=200, json={"taken": False}):
                return Rejected("not-taken")
            case _:
                return by_status(response.status)


def _fact(name: str, value: str) -> dict[str, str]:
    return {"name": cut(name, WORD), "value": cut(value, WORD)}


def sign(seconds: str, body: str, secret: str) -> str:
    """Return the signature in hexadecimal."""
    return hmac.new(secret.encode(), f"{seconds}.{body}".encode(), sha256).hexdigest()
