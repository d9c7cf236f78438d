"""企业微信群机器人（消息推送） — https://developer.work.weixin.qq.com/document/path/99110

The key in the address is all it asks for. 20 messages a minute, then 45009.
"""

from datetime import timedelta
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
)
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.receiver import Receiver

ERRCODES: dict[int, Outcome] = {
    0: Sent(),
    -1: Retry("errcode--1"),
    45009: Retry("errcode-45009", freeze=timedelta(minutes=1)),
    45033: Retry("errcode-45033"),
}
"""Every other errcode is permanent (93000: no such key)."""


class WecomRobot(robot.Robot):
    """Its settings: the gateway's address, and the key of each role's group."""

    api_url: GatewayUrl = "https://qyapi.weixin.qq.com"

    resend: ClassVar[Resend] = robot.RESEND
    team: ClassVar[bool] = True

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a group of the receiver's role nobody is reached."""
        return robot.lacks(receiver, "wecom_robot")

    def hosts(self) -> frozenset[str]:
        """The one gateway."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the envelope with a markdown message."""
        said = {"msgtype": "markdown", "markdown": {"content": robot.paragraphs(notification)}}
        return robot.enveloped(notification.receiver, said)

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """The address carries the key: it must never be printed."""
        group, message = self.addressed(body)
        key = quote(group.key.get_secret_value(), safe="")
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/cgi-bin/webhook/send?key={key}",
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
