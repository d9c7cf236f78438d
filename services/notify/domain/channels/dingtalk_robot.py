"""钉钉群机器人 — https://open.dingtalk.com/document/orgapp/custom-robot-access

Signed (加签): HMAC-SHA256 over time and secret, keyed with the secret, in the address. 20 messages
a minute, then it takes nothing for ten.
"""

import hmac
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from services.notify.domain import robot
from services.notify.domain.channel import (
    GatewayUrl,
    HttpRequest,
    HttpResponse,
    Notification,
    Resend,
    Ticket,
    canonical,
    named,
    titled,
)
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.receiver import Receiver

TITLE = 64
ERRCODES: dict[int, Outcome] = {
    0: Sent(),
    -1: Retry("errcode--1"),
    130101: Retry("errcode-130101", freeze=timedelta(minutes=10)),
    660026: Retry("errcode-660026", freeze=timedelta(minutes=10)),
}
"""Every other errcode is permanent (310000: the signature, an address or a keyword is wrong)."""


class DingtalkRobot(robot.Robot):
    """Its settings: the gateway's address, and the token and secret of each role's group."""

    api_url: GatewayUrl = "https://oapi.dingtalk.com"

    resend: ClassVar[Resend] = robot.RESEND
    team: ClassVar[bool] = True

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a group of the receiver's role nobody is reached."""
        return robot.lacks(receiver, "dingtalk_robot")

    def hosts(self) -> frozenset[str]:
        """The one gateway."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the envelope with a markdown message; an empty line parts its paragraphs."""
        title, text = titled(notification, TITLE), robot.paragraphs(notification, "\n\n")
        said = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
        return robot.enveloped(notification.receiver, said)

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """The address carries the group's token and this send's signature."""
        group, message = self.addressed(body)
        milliseconds = int(ticket.at.timestamp() * 1000)
        query = {
            "access_token": group.key.get_secret_value(),
            "timestamp": str(milliseconds),
            "sign": sign(milliseconds, group.secret.get_secret_value()),
        }
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/robot/send?{urlencode(query)}",
            headers=(("content-type", "application/json; charset=utf-8"),),
            body=canonical(message).encode(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """``errcode`` says it."""
        match response:
            case HttpResponse(status=200, json={"errcode": int(code)}):
                return ERRCODES.get(code) or Rejected(named("errcode", code))
            case _:
                return by_status(response.status)


def sign(milliseconds: int, secret: str) -> str:
    """Return the signature: the secret is the key, time and secret are the message."""
    text = f"{milliseconds}\n{secret}".encode()
    return b64encode(hmac.new(secret.encode(), text, sha256).digest()).decode()
