"""企业微信 — what is done to a message once it was sent: recalled, or its buttons replaced.

``message/recall`` (page 94867) within 24 hours, ``update_template_card`` (94888) once for each
response_code within 72: the answer to a card gives one, each click another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from deploy.sandbox.entries import CHANGES, Call, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.tokens import Tokens
from deploy.sandbox.wecom_errors import worded

RECALL, UPDATE, CLICK = "recall", "update_template_card", "click"
RECALL_SECONDS, CODE_SECONDS = 24 * 3600, 72 * 3600
RECALLED = "（已撤回）"


class Message(msgspec.Struct, frozen=True):
    """A message on members' phones."""

    receipt: str
    at: float
    to: tuple[str, ...]
    buttons: Mapping[str, str]


@dataclass
class Changes:
    """The changes of one app's messages. ``shown``: (receipt, member) → what stands there now."""

    tokens: Tokens
    mint: Callable[[], str]
    messages: dict[str, Message] = field(default_factory=dict)
    codes: dict[str, tuple[str, float]] = field(default_factory=dict)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)

    def receivers(self, call: Call) -> list[str]:
        """Return whom a request names."""
        named = _lenient(call.body).get("userids")
        return [str(one) for one in named] if isinstance(named, list) else []

    def judge(self, call: Call) -> Verdict:
        """Decide about a change."""
        name = call.path.rpartition("/")[2]
        request = _lenient(call.body)
        try:
            self.tokens.check(dict(call.query).get("access_token"), call.now)
            change = self._recall if name == RECALL else self._update
            message, to, text = change(request, call.now)
        except Refused as refusal:
            return self._not_done(call, "rejected", refusal.code, refusal.reason)
        return Verdict(
            channel=CHANGES,
            answer={"errcode": 0, "errmsg": "ok"},
            lines=tuple(Line(userid, "delivered", 0) for userid in to),
            request=request,
            title=name,
            text=text,
            receipt=message.receipt,
        )

    def click(self, message: str, userid: str, key: str, now: float) -> Verdict:
        """Return a tap on a card's button with the response_code it gives, valid once."""
        found = self.messages.get(message)
        if found is None or userid.lower() not in found.to:
            raise Refused(40058, "no such message on this member's phone")
        if key not in found.buttons or (message, userid.lower()) in self.shown:
            raise Refused(40058, "no such button on this card any more")
        code = self.mint()
        return Verdict(
            channel=CHANGES,
            answer={"response_code": code, "userid": userid, "key": key},
            lines=(Line(userid, "delivered", 0),),
            request={"key": key},
            title=CLICK,
            text=found.buttons[key],
            receipt=message,
            response_code=code,
        )

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error: nothing is changed."""
        return self._not_done(call, "faulted", code)

    def sent(self, entry: Entry, now: float) -> None:
        """Remember a message that is on somebody's phone."""
        before = self.messages.get(entry.receipt)
        to = (*(before.to if before else ()), entry.to.lower())
        card = entry.request.get("template_card")
        buttons = card.get("button_list", ()) if isinstance(card, dict) else ()
        named = {one["key"]: one["text"] for one in buttons if one.get("key")}
        self.messages[entry.receipt] = Message(entry.receipt, now, to, named)
        if entry.response_code:
            self.codes[entry.response_code] = (entry.receipt, now)

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one change into the memory: live and, from the journal, after a restart."""
        if entry.outcome != "delivered":
            return
        if entry.title == CLICK:
            self.codes[entry.response_code] = (entry.receipt, now)
            return
        self.codes.pop(str(entry.request.get("response_code")), None)
        self.shown[entry.receipt, entry.to.lower()] = entry.text

    def now_shown(self, entry: Entry) -> str:
        """Return what stands on a phone instead of a message or its buttons; empty: as sent."""
        return self.shown.get((entry.receipt, entry.to.lower()), "")

    def _recall(
        self, request: Mapping[str, Any], now: float
    ) -> tuple[Message, tuple[str, ...], str]:
        message = self.messages.get(str(request.get("msgid")))
        if message is None:
            raise Refused(40058, "msgid is not one of this app's")
        if now >= message.at + RECALL_SECONDS:
            raise Refused(301055, "the message was sent more than 24 hours ago")
        return message, message.to, RECALLED

    def _update(
        self, request: Mapping[str, Any], now: float
    ) -> tuple[Message, tuple[str, ...], str]:
        if str(request.get("agentid")) != str(self.tokens.app.agent_id):
            raise Refused(40056)
        receipt, given = self.codes.get(str(request.get("response_code")), ("", 0.0))
        if not receipt or now >= given + CODE_SECONDS:
            raise Refused(40058, "response_code is unknown, used or too old")
        button, named = request.get("button"), request.get("userids")
        text = button.get("replace_name") if isinstance(button, dict) else None
        if not isinstance(text, str) or not text:
            raise Refused(40058, "button.replace_name missing")
        message = self.messages[receipt]
        listed = named if isinstance(named, list) else []
        to = tuple(userid for userid in listed if str(userid).lower() in message.to)
        if not to:
            raise Refused(81013)
        return message, to, text

    def _not_done(self, call: Call, outcome: Outcome, code: int | str, reason: str = "") -> Verdict:
        return Verdict(
            channel=CHANGES,
            answer=worded(code, reason, call.number),
            lines=tuple(Line(to, outcome, code) for to in self.receivers(call) or [""]),
            request=_lenient(call.body),
            title=call.path.rpartition("/")[2],
        )


def _lenient(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
