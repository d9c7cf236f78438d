"""邮件 — SMTP (RFC 5321): plain text to one person.

A server knows no repeat, so a mail that may have been taken is repeated once and no more; it has
the intent's id for its Message-ID, by which most mailboxes show it once. The server's reply comes
as ``{"reply": 250}``.
"""

import json
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from services.notify.domain.channel import (
    LOOPBACK,
    HttpResponse,
    Notification,
    Resend,
    Ticket,
    canonical,
    named,
    titled,
)
from services.notify.domain.lengths import fitted
from services.notify.domain.mail_request import MailRequest, Tls
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.plain import lines
from services.notify.domain.receiver import Receiver

SUBJECT, BYTES = 120, 20_000
TAKEN = range(200, 300)
LATER = range(400, 500)


class Mail(BaseModel):
    """Its settings: the server, how TLS begins there, the account, and the sender's address."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int = 465
    tls: Tls = "implicit"
    username: str | None = None
    password: SecretStr = SecretStr("")
    sender: str

    resend: ClassVar[Resend] = Resend(unsure=1, window=timedelta(hours=4))
    team: ClassVar[bool] = False

    @model_validator(mode="after")
    def _in_clear_only_on_this_machine(self) -> Self:
        if self.tls == "none" and self.host not in LOOPBACK:
            raise ValueError("a mail server must be spoken to over TLS (none only on this machine)")
        return self

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a mail address nobody is reached."""
        return None if receiver.email else "no-mail"

    def hosts(self) -> frozenset[str]:
        """The one server."""
        return frozenset({f"{self.host}:{self.port}"})

    def body(self, notification: Notification) -> str:
        """Return what the mail says and to whom; the envelope is made when it is sent."""
        email = notification.receiver.email
        tail = f"\n编号 {notification.code}\n\n{notification.links.view}\n"
        return canonical(
            {
                "id": str(notification.intent_id),
                "to": email.reveal() if email else "",
                "subject": titled(notification, SUBJECT),
                "text": fitted("\n".join(lines(notification)), tail, BYTES),
            }
        )

    def request(self, body: str, ticket: Ticket) -> MailRequest:
        """Return the mail, dated with this send."""
        said, mail = json.loads(body), EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, said["to"], said["subject"]
        mail["Date"] = format_datetime(ticket.at)
        mail["Message-ID"] = f"<{said['id']}@{self.sender.rpartition('@')[2]}>"
        mail.set_content(said["text"], cte="base64")
        return MailRequest(
            host=self.host,
            port=self.port,
            tls=self.tls,
            login=(self.username, self.password) if self.username is not None else None,
            sender=self.sender,
            to=said["to"],
            message=mail.as_bytes(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """The reply's first digit says it: 2 taken, 4 later, 5 never."""
        match response:
            case HttpResponse(status=200, json={"reply": int(code)}) if code in TAKEN:
                return Sent()
            case HttpResponse(status=200, json={"reply": int(code)}) if code in LATER:
                return Retry(named("smtp", code))
            case HttpResponse(status=200, json={"reply": int(code)}):
                return Rejected(named("smtp", code))
            case _:
                return by_status(response.status)
