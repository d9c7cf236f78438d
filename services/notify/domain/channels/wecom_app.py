"""企业微信应用消息 — https://developer.work.weixin.qq.com/document/path/90236

To one member, in one of four forms (``wecom_forms``). The gateway drops a second request whose
content is the same within ``duplicate_check_interval``, so a send that may have been taken is
simply repeated. What was sent can be changed: a card's buttons replaced once within 72 hours by
its response_code (94888), a message recalled within 24 hours by its msgid (94867).
"""

import json
from datetime import datetime, timedelta
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
    named,
)
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, TokenRefused, by_status
from services.notify.domain.receiver import Receiver
from services.notify.domain.undo import Shown
from services.notify.domain.wecom_forms import FORMS, Form

DUPLICATE_CHECK_SECONDS = 4 * 3600  # the most the gateway allows
MARGIN = timedelta(minutes=10)
RECALLABLE, UPDATABLE = timedelta(hours=24), timedelta(hours=72)
WITHDRAWN, CORRECTED = "已撤回", "已更正，见新消息"
CHANGES = {"response_code": "update_template_card", "msgid": "recall"}
"""What a body has → the call of ``/cgi-bin/message`` it is for; any other body is sent."""

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
    """Its settings: the gateway's address, the corporation, the application, its secret, the form.

    ``buttons`` needs the application's callback address; ``textcard`` is a card with links.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl = "https://qyapi.weixin.qq.com"
    corp_id: str
    agent_id: int
    secret: SecretStr
    form: Form = "textcard"

    resend: ClassVar[Resend] = Resend(
        unsure=None, window=timedelta(seconds=DUPLICATE_CHECK_SECONDS) - MARGIN
    )
    team: ClassVar[bool] = False

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a 企业微信 user id nobody is reached."""
        return None if receiver.wecom_userid else "no-wecom-id"

    def hosts(self) -> frozenset[str]:
        """The one gateway."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the message; the signed links and the code make it differ from all others."""
        return canonical(
            FORMS[self.form](notification)
            | {
                "touser": notification.receiver.wecom_userid,
                "agentid": self.agent_id,
                "enable_duplicate_check": 1,
                "duplicate_check_interval": DUPLICATE_CHECK_SECONDS,
            }
        )

    def update(self, response_code: str, userid: str, said: str) -> str:
        """Return the body that replaces a card's buttons by what was answered, for one member."""
        return canonical(
            {
                "userids": [userid],
                "agentid": self.agent_id,
                "response_code": response_code,
                "button": {"replace_name": said},
            }
        )

    def recall(self, message_id: str) -> str:
        """Return the body that takes a message back, as long as it is ``RECALLABLE``."""
        return canonical({"msgid": message_id})

    def undo(self, shown: Shown, receiver: Receiver | None, now: datetime) -> str | None:
        """Return what takes a message back: its buttons are replaced, or else it is recalled."""
        if (body := self.rewrite(shown, receiver, now, WITHDRAWN)) is not None:
            return body
        return self._recalled(shown, now)

    def replace(self, shown: Shown, now: datetime) -> str | None:
        """Return what recalls it; a card with buttons says itself that it was corrected."""
        return None if shown.response_code else self._recalled(shown, now)

    def _recalled(self, shown: Shown, now: datetime) -> str | None:
        recallable = shown.message_id and now - shown.at < RECALLABLE
        return self.recall(shown.message_id) if recallable else None

    def correct(self, shown: Shown, receiver: Receiver | None, now: datetime) -> str | None:
        """Return what puts it in the place of a card's buttons; a card without any stays."""
        return self.rewrite(shown, receiver, now, CORRECTED)

    def rewrite(
        self, shown: Shown, receiver: Receiver | None, now: datetime, said: str
    ) -> str | None:
        """Return what writes this in the place of a card's buttons; None: it cannot any more."""
        userid = receiver.wecom_userid if receiver else None
        if shown.response_code and userid and now - shown.at < UPDATABLE:
            return self.update(shown.response_code, userid, said)
        return None

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """The body names its call. The address carries the token: it must never be printed."""
        said = json.loads(body)
        call = next((CHANGES[field] for field in CHANGES if field in said), "send")
        token = quote(ticket.token.get_secret_value() if ticket.token else "", safe="")
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/cgi-bin/message/{call}?access_token={token}",
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
    said = response.json
    return Sent(str(said.get("msgid", ""))[:200], str(said.get("response_code", ""))[:200])
