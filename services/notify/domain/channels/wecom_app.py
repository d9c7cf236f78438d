"""企业微信应用消息 — https://developer.work.weixin.qq.com/document/path/90236

A template card ``text_notice`` to one member. The gateway drops a second request whose content is
the same within ``duplicate_check_interval``, so a send that may have been taken is simply repeated.
"""

from datetime import timedelta
from typing import ClassVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from services.notify.domain.channel import (
    GatewayUrl,
    HttpRequest,
    HttpResponse,
    Notification,
    Resend,
    Ticket,
    canonical,
    cut,
    named,
    titled,
)
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, TokenRefused, by_status
from services.notify.domain.receiver import Receiver

DUPLICATE_CHECK_SECONDS = 4 * 3600  # the most the gateway allows
MARGIN = timedelta(minutes=10)
TITLE, DESC, SUB_TITLE, ITEMS, KEY_NAME, VALUE = 26, 30, 112, 6, 6, 30

OK = 0
ERRCODES: dict[int, Outcome] = {
    -1: Retry("errcode--1"),
    40014: TokenRefused("errcode-40014"),
    42001: TokenRefused("errcode-42001"),
    45009: Retry("errcode-45009", freeze=timedelta(minutes=1)),
    45033: Retry("errcode-45033"),
}
"""What an errcode means; every other one is permanent. 45009: over the frequency limit, the
gateway blocks the interface for a minute."""


class WecomApp(BaseModel):
    """Its settings: the gateway's address, the corporation, the application and its secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl = "https://qyapi.weixin.qq.com"
    corp_id: str
    agent_id: int
    secret: SecretStr

    resend: ClassVar[Resend] = Resend(
        unsure=None, window=timedelta(seconds=DUPLICATE_CHECK_SECONDS) - MARGIN
    )

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a 企业微信 user id nobody is reached."""
        return None if receiver.wecom_userid else "no-wecom-id"

    def hosts(self) -> frozenset[str]:
        """The one gateway."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the card; the signed links and the code make each one differ from all others."""
        return canonical(
            {
                "touser": notification.receiver.wecom_userid,
                "agentid": self.agent_id,
                "msgtype": "template_card",
                "template_card": _card(notification),
                "enable_duplicate_check": 1,
                "duplicate_check_interval": DUPLICATE_CHECK_SECONDS,
            }
        )

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """The address carries the token: it must never be printed."""
        token = quote(ticket.token.get_secret_value() if ticket.token else "", safe="")
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/cgi-bin/message/send?access_token={token}",
            headers=(("content-type", "application/json; charset=utf-8"),),
            body=body.encode(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """HTTP 200 alone says nothing: ``errcode`` does, and then who was left out."""
        match response:
            case HttpResponse(status=200, json={"errcode": int(code)}):
                return _said(code, response)
            case _:
                return by_status(response.status)

    def token_request(self) -> HttpRequest:
        """https://developer.work.weixin.qq.com/document/path/91039"""
        corp = quote(self.corp_id, safe="")
        secret = quote(self.secret.get_secret_value(), safe="")
        query = f"corpid={corp}&corpsecret={secret}"
        return HttpRequest(f"{self.api_url.rstrip('/')}/cgi-bin/gettoken?{query}", method="GET")

    def token(self, response: HttpResponse) -> tuple[SecretStr, timedelta] | str:
        """Return the token and how long it lives (7200 s), or why there is none."""
        match response.json:
            case {"errcode": 0, "access_token": str(token), "expires_in": int(seconds)}:
                return SecretStr(token), timedelta(seconds=seconds)
            case {"errcode": int(code)}:
                return named("token-errcode", code)
            case _:
                return named("token-http", response.status)


def _said(code: int, response: HttpResponse) -> Outcome:
    if code != OK:
        return ERRCODES.get(code) or Rejected(named("errcode", code))
    for left_out in ("invaliduser", "unlicenseduser"):
        if response.json.get(left_out):  # a request names one member: it is that one
            return Rejected(left_out)
    return Sent(str(response.json.get("msgid", ""))[:200])


def _card(said: Notification) -> dict[str, object]:
    place = f" · 账户{said.account}" if said.account else ""
    shown = [
        {"keyname": cut(name, KEY_NAME), "value": cut(value, VALUE)}
        for name, value in said.facts[1:ITEMS]
    ]
    card: dict[str, object] = {
        "card_type": "text_notice",
        "source": {"desc": said.source},
        "main_title": {
            "title": titled(said, TITLE),
            "desc": cut(said.client, DESC - len(place)) + place,
        },
        "sub_title_text": cut(f"{said.summary}。{said.action}", SUB_TITLE),
        "horizontal_content_list": [*shown, {"keyname": "编号", "value": said.code}],
        "jump_list": [{"type": 1, "title": name, "url": url} for name, url in _jumps(said)],
        "card_action": {"type": 1, "url": said.links.view},
    }
    if said.facts:
        name, value = said.facts[0]
        card["emphasis_content"] = {"title": cut(value, VALUE), "desc": cut(name, VALUE)}
    return card


def _jumps(said: Notification) -> tuple[tuple[str, str], ...]:
    if said.links.todo == said.links.view:  # a digest: each of its alerts has a page of its own
        return (("查看全部", said.links.view),)
    if not said.account:  # nobody's client: there is nobody to look up or to call
        return (("查看详情", said.links.view), ("加入待办", said.links.todo))
    return (
        ("查看客户", said.links.view),
        ("加入待办", said.links.todo),
        ("拨打电话", said.links.call),
    )
