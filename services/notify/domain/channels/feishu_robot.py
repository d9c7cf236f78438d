"""飞书群机器人 — https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot

Signed: HMAC-SHA256 over nothing, keyed with time and secret, beside the message in the body. 100
messages a minute and 5 a second, then 11232.
"""

import hmac
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import ClassVar
from urllib.parse import quote, urlsplit

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
from services.notify.domain.outcome import SERVER_ERRORS, Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.receiver import Receiver

TITLE = 64
CODES: dict[int, Outcome] = {
    0: Sent(),
    11232: Retry("code-11232", freeze=timedelta(minutes=1)),
}
"""Every other code is permanent (19021: the signature or the clock, 19022: the address, 19024: a
keyword, 9499: the body)."""


class FeishuRobot(robot.Robot):
    """Its settings: the gateway's address, and the key and secret of each role's group."""

    api_url: GatewayUrl = "https://open.feishu.cn"

    resend: ClassVar[Resend] = robot.RESEND
    team: ClassVar[bool] = True

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a group of the receiver's role nobody is reached."""
        return robot.lacks(receiver, "feishu_robot")

    def hosts(self) -> frozenset[str]:
        """The one gateway."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the envelope with a card."""
        title = {"tag": "plain_text", "content": titled(notification, TITLE)}
        text = {"tag": "markdown", "content": robot.paragraphs(notification)}
        said = {"msg_type": "interactive", "card": {"header": {"title": title}, "elements": [text]}}
        return robot.enveloped(notification.receiver, said)

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the message with this send's time; the address carries the group's key."""
        group, message = self.addressed(body)
        seconds = int(ticket.at.timestamp())
        signed = {"timestamp": str(seconds), "sign": sign(seconds, group.secret.get_secret_value())}
        key = quote(group.key.get_secret_value(), safe="")
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/open-apis/bot/v2/hook/{key}",
            headers=(("content-type", "application/json; charset=utf-8"),),
            body=canonical(message | signed).encode(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """``code`` says it, whatever the status below 500."""
        match response:
            case HttpResponse(status=status, json={"code": int(code)}) if status < SERVER_ERRORS:
                return CODES.get(code) or Rejected(named("code", code))
            case _:
                return by_status(response.status)


def sign(seconds: int, secret: str) -> str:
    """Return the signature: time and secret are the key, the message is empty."""
    return b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", sha256).digest()).decode()
