"""企业微信 — message/send (page 90236): a request in, a verdict out.

The answer is errcode 0 even when some receivers are unknown (``invaliduser``), when the same body
came a moment ago, and when a member heard too much already: then nothing is shown, without a word.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from deploy.sandbox.changes import Changes
from deploy.sandbox.content import Content
from deploy.sandbox.entries import Call, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.limits import PUBLISHED, RERUN_SECONDS, Limits, Pace, Quota, Seen
from deploy.sandbox.messages import catalogue
from deploy.sandbox.tokens import Tokens
from deploy.sandbox.wecom_errors import worded

RECEIVERS_AT_ONCE = 1000
INTERVAL_SECONDS, LONGEST_INTERVAL_SECONDS = 1800, 4 * 3600
USERID = re.compile(r"[a-z0-9_.-]{1,64}")
UNCOUNTED = (40014, 41001, 42001, 45009)  # refused before the quota, or by it
KINDS = catalogue()
NOTHING = Content("", "")
Members = Callable[[str], bool]


def anybody(userid: str) -> bool:
    """Say whether a lower-case userid is a member when no list is given.

    >>> anybody("m001"), anybody("nobody7"), anybody("王")
    (True, False, False)
    """
    return USERID.fullmatch(userid) is not None and not userid.startswith("nobody")


@dataclass
class WeCom:
    """One app's gateway: its tokens, its members and what it remembers of earlier messages."""

    tokens: Tokens
    members: Members = anybody
    limits: Limits = PUBLISHED
    seen: Seen = field(default_factory=lambda: Seen(LONGEST_INTERVAL_SECONDS))
    pace: Pace = field(init=False)
    calls: Quota = field(init=False)
    told: Quota = field(init=False)
    mint: Callable[[], str] = lambda: secrets.token_urlsafe(32)
    changes: Changes = field(init=False)
    latest: float = 0.0

    def __post_init__(self) -> None:
        self.changes = Changes(self.tokens, self.mint)
        self.pace = Pace(self.limits.member)
        self.calls = Quota(self.limits.api)
        self.told = Quota(self.limits.app)

    def receivers(self, call: Call) -> list[str]:
        """Return whom a request names, as far as that can be read."""
        return _receivers(_lenient(call.body))

    def judge(self, call: Call) -> Verdict:
        """Decide about a request; what is remembered of it, `remember` takes from its entries."""
        self._arrive(call.now)
        try:
            if call.method != "POST":
                raise Refused(43002)
            self.tokens.check(dict(call.query).get("access_token"), call.now)
            if self.calls.exhausted("message/send", call.now):
                raise Refused(45009)
            return self._accepted(call, _decoded(call.body))
        except Refused as refusal:
            return _not_sent(call, "rejected", refusal.code, refusal.reason)

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error: not accepted, whatever the request says."""
        return _not_sent(call, "faulted", code)

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one entry into the memory: live and, from the journal, after a restart."""
        self._arrive(now)
        if entry.n == entry.call and entry.code not in UNCOUNTED and entry.outcome != "faulted":
            self.calls.note("message/send", now)
        if entry.outcome in ("delivered", "dropped"):
            self.seen.note(entry.digest, now)
            self.told.note("app", now)
        if entry.outcome == "delivered":
            self.pace.note(entry.to.lower(), now)
            self.changes.sent(entry, now)

    def _arrive(self, now: float) -> None:
        if now < self.latest - RERUN_SECONDS:
            for memory in (self.seen, self.pace, self.calls, self.told):
                memory.clear()
        self.latest = now

    def _accepted(self, call: Call, request: Mapping[str, Any]) -> Verdict:
        content = self._content(request)
        interval = _interval(request)
        named = _receivers(request)
        if len(named) > RECEIVERS_AT_ONCE:
            raise Refused(40058, f"touser exceed max size {RECEIVERS_AT_ONCE}")
        known = [userid for userid in named if self.members(userid.lower())]
        if not known:
            raise Refused(81013)
        if self.told.exhausted("app", call.now, len(known)):
            raise Refused(45009)
        digest = sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
        repeated = interval is not None and self.seen.within(digest, call.now, interval)
        strangers = [userid for userid in named if userid not in known]
        lines = [Line(userid, self._outcome(userid, call.now, repeated), 0) for userid in known]
        receipt = f"sandbox{call.number:012d}"
        answer: dict[str, object] = {"errcode": 0, "errmsg": "ok", "msgid": receipt}
        code = self.mint() if content.changeable else ""
        if code:
            answer["response_code"] = code
        return Verdict(
            channel="wecom",
            answer=answer | _invalid(request, strangers),
            lines=(*lines, *(Line(userid, "rejected", 60111) for userid in strangers)),
            request=dict(request),
            title=content.title,
            text=content.text,
            overlong=content.overlong,
            receipt=receipt,
            response_code=code,
            digest=digest,
        )

    def _outcome(self, userid: str, now: float, repeated: bool) -> Outcome:
        if repeated:
            return "duplicate"
        return "dropped" if self.pace.exhausted(userid.lower(), now) else "delivered"

    def _content(self, request: Mapping[str, Any]) -> Content:
        agent = request.get("agentid")
        if agent is None:
            raise Refused(41011)
        if str(agent) != str(self.tokens.app.agent_id):
            raise Refused(40056)
        kind = request.get("msgtype")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Refused(40008, f"the sandbox takes {', '.join(sorted(KINDS))}")
        return KINDS[kind](request)


def _not_sent(call: Call, outcome: Outcome, code: int | str, reason: str = "") -> Verdict:
    request = _lenient(call.body)
    content = _described(request)
    return Verdict(
        channel="wecom",
        answer=worded(code, reason, call.number),
        lines=tuple(Line(to, outcome, code) for to in _receivers(request) or [""]),
        request=request,
        title=content.title,
        text=content.text,
    )


def _described(request: Mapping[str, Any]) -> Content:
    """Return what a message that was not sent would have said, if that can be read."""
    kind = request.get("msgtype")
    try:
        return KINDS[kind](request) if isinstance(kind, str) and kind in KINDS else NOTHING
    except Refused:
        return NOTHING


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused(47001) from None


def _lenient(body: bytes) -> dict[str, Any]:
    try:
        return _decoded(body)
    except Refused:
        return {"unreadable": body[:1000].decode(errors="replace")} if body else {}


def _receivers(request: Mapping[str, Any]) -> list[str]:
    """Return the userids of ``touser``, each once, whatever their case."""
    named = request.get("touser")
    ids = (part.strip() for part in named.split("|")) if isinstance(named, str) else ()
    return list({userid.lower(): userid for userid in reversed(list(ids)) if userid}.values())[::-1]


def _interval(request: Mapping[str, Any]) -> int | None:
    """Return how far back an identical body makes this one a duplicate; None: unchecked."""
    checked = request.get("enable_duplicate_check", 0)
    seconds = request.get("duplicate_check_interval", INTERVAL_SECONDS)
    if type(checked) is not int or checked not in (0, 1):
        raise Refused(40058, "enable_duplicate_check must be 0 or 1")
    if type(seconds) is not int or not 0 < seconds <= LONGEST_INTERVAL_SECONDS:
        raise Refused(40058, f"duplicate_check_interval must be 1 to {LONGEST_INTERVAL_SECONDS}")
    return seconds if checked else None


def _invalid(request: Mapping[str, Any], strangers: Iterable[str]) -> dict[str, object]:
    """Return who was not told; the sandbox knows no departments and no tags."""
    bad = {"invaliduser": "|".join(strangers).lower()}
    for sent, named in (("toparty", "invalidparty"), ("totag", "invalidtag")):
        if isinstance(request.get(sent), str):
            bad[named] = request[sent].lower()
    return {name: value for name, value in bad.items() if value}
