"""群机器人和 App 推送 — webhooks: who they let in, what they take, and how each says no.

企业微信 (page 99110), 钉钉 (加签), 飞书 (签名校验), and 观潮's own signed push. A group hears at
most so many a minute; the push server shows an ``id`` once.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from deploy.sandbox.entries import Call, Channel, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.limits import MINUTE, Pace, Rate, Seen

GROUPS = {"sandbox-key-risk": ("risk", "sandbox-secret-risk")}
"""Key in the address → the group, and what its requests are signed with."""
PUSH_IS_SIGNED_WITH = "sandbox-push-secret"
SKEW_SECONDS, DAY = 3600, 86_400
Read = Callable[[Mapping[str, Any]], tuple[str, str]]


@dataclass(frozen=True)
class Dialect:
    """One platform's way of letting in, reading and answering. ``fast``: its code for too much."""

    channel: Channel
    admit: Callable[[Call], str]
    read: Read
    answer: Callable[[int | str, str], dict[str, object]]
    fast: int
    a_minute: int
    bytes: int


@dataclass
class Webhook:
    """One platform's webhooks, and what they remember."""

    dialect: Dialect
    seen: Seen = field(default_factory=lambda: Seen(DAY))
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace((Rate(self.dialect.a_minute, MINUTE),))

    def receivers(self, call: Call) -> list[str]:
        """Return the group or the person, when the request is let in."""
        try:
            return [self.dialect.admit(call)]
        except Refused:
            return []

    def judge(self, call: Call) -> Verdict:
        """Decide about a request."""
        dialect = self.dialect
        try:
            to = dialect.admit(call)
            if len(call.body) > dialect.bytes:
                raise Refused(40058, "content size out of limit")
            request = _decoded(call.body)
            title, text = dialect.read(request)
            if self.pace.exhausted(to, call.now):
                raise Refused(dialect.fast, "too many requests")
        except Refused as refusal:
            return self._not_sent(call, "rejected", refusal)
        once = str(request.get("id", ""))
        repeated = bool(once) and self.seen.within(once, call.now, DAY)
        return Verdict(
            channel=dialect.channel,
            answer=dialect.answer(0, "ok"),
            lines=(Line(to, "duplicate" if repeated else "delivered", 0),),
            request=request,
            title=title,
            text=text,
            digest=once,
        )

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error."""
        return self._not_sent(call, "faulted", Refused(code))

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one entry into the memory."""
        if entry.outcome == "delivered":
            self.pace.note(entry.to, now)
            if entry.digest:
                self.seen.note(entry.digest, now)

    def _not_sent(self, call: Call, outcome: Outcome, why: Refused) -> Verdict:
        return Verdict(
            channel=self.dialect.channel,
            answer=self.dialect.answer(why.code, why.reason),
            lines=tuple(Line(to, outcome, why.code) for to in self.receivers(call) or [""]),
        )


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused(47001, "data format error") from None


def _group(key: str, unknown: int) -> tuple[str, str]:
    if key not in GROUPS:
        raise Refused(unknown, "invalid webhook")
    return GROUPS[key]


def _same(given: str, key: str, text: str, wrong: int) -> None:
    made = b64encode(hmac.new(key.encode(), text.encode(), sha256).digest()).decode()
    if not hmac.compare_digest(made.encode(), given.encode()):
        raise Refused(wrong, "sign not match")


def _fresh(stamp: object, wall: float, unit: int, wrong: int) -> None:
    if not str(stamp).isdecimal() or abs(int(str(stamp)) / unit - wall) > SKEW_SECONDS:
        raise Refused(wrong, "timestamp is not within one hour from current time")


def _wecom(call: Call) -> str:
    return _group(dict(call.query).get("key", ""), 93000)[0]


def _dingtalk(call: Call) -> str:
    query = dict(call.query)
    group, secret = _group(query.get("access_token", ""), 300005)
    stamp = query.get("timestamp", "")
    _fresh(stamp, call.wall, 1000, 310000)
    _same(query.get("sign", ""), secret, f"{stamp}\n{secret}", 310000)
    return group


def _feishu(call: Call) -> str:
    group, secret = _group(call.path.rpartition("/")[2], 19001)
    body = _decoded(call.body)
    stamp = body.get("timestamp")
    _fresh(stamp, call.wall, 1, 19021)
    _same(str(body.get("sign")), f"{stamp}\n{secret}", "", 19021)
    return group


def _push(call: Call) -> str:
    stamp = call.headers.get("x-guanchao-timestamp", "")
    _fresh(stamp, call.wall, 1, 401)
    signed = f"{stamp}.".encode() + call.body
    made = "sha256=" + hmac.new(PUSH_IS_SIGNED_WITH.encode(), signed, sha256).hexdigest()
    if not hmac.compare_digest(made, call.headers.get("x-guanchao-signature", "")):
        raise Refused(401, "signature")
    data = _decoded(call.body).get("data")
    return str(data.get("receiver", "")) if isinstance(data, dict) else ""


def _at(request: Mapping[str, Any], *path: str | int) -> str:
    """Return the text at a place of the request; 40058 names it when there is none."""
    found: Any = request
    try:
        for step in path:
            found = found[step]
    except (KeyError, IndexError, TypeError):
        found = None
    if not isinstance(found, str) or not found:
        raise Refused(40058, f"{'.'.join(map(str, path))} missing")
    return found


def _first_line(text: str) -> tuple[str, str]:
    return text.splitlines()[0].strip("*# "), text


DIALECTS = (
    Dialect(
        channel="wecom-robot",
        admit=_wecom,
        read=lambda asked: _first_line(_at(asked, "markdown", "content")),
        answer=lambda code, text: {"errcode": code, "errmsg": text},
        fast=45009,
        a_minute=20,
        bytes=5000,
    ),
    Dialect(
        channel="dingtalk",
        admit=_dingtalk,
        read=lambda asked: (_at(asked, "markdown", "title"), _at(asked, "markdown", "text")),
        answer=lambda code, text: {"errcode": code, "errmsg": text},
        fast=130101,
        a_minute=20,
        bytes=20_000,
    ),
    Dialect(
        channel="feishu",
        admit=_feishu,
        read=lambda asked: (
            _at(asked, "card", "header", "title", "content"),
            _at(asked, "card", "elements", 0, "content"),
        ),
        answer=lambda code, text: {"code": code, "msg": text, "data": {}},
        fast=11232,
        a_minute=100,
        bytes=20_480,
    ),
    Dialect(
        channel="push",
        admit=_push,
        read=lambda asked: (_at(asked, "data", "title"), _at(asked, "data", "summary")),
        answer=lambda code, text: {"taken": code == 0, "why": text},
        fast=429,
        a_minute=1000,
        bytes=64_000,
    ),
)


def webhooks() -> dict[str, Webhook]:
    """Return channel → its webhooks."""
    return {dialect.channel: Webhook(dialect) for dialect in DIALECTS}
