"""阿里云语音 — SingleCallByTts of dyvmsapi 2017-05-25: signed requests in, calls read out.

One callee is called at most once a minute, 5 times an hour and 20 times in 24 hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec

from deploy.sandbox import acs3
from deploy.sandbox.entries import Call, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.limits import DAY, HOUR, MINUTE, Pace, Rate, Seen
from deploy.sandbox.sms import MOBILE, NONCE_SECONDS
from deploy.sandbox.templates import Template

TEMPLATES = {
    "TTS_GC_ALERT": Template("观潮提醒，${title}，${client}，尾号${account}，${summary}", ("",)),
    "TTS_GC_NOTICE": Template("观潮提醒，${title}，${summary}", ("",)),
}
RATES = (Rate(1, MINUTE), Rate(5, HOUR), Rate(20, DAY))
PLAY_TIMES = ("1", "2", "3")
OUT_ID_BYTES = 15


@dataclass
class Voice:
    """The account's keys, and what it remembers of earlier calls."""

    keys: Mapping[str, str]
    pace: Pace = field(default_factory=lambda: Pace(RATES))
    nonces: Seen = field(default_factory=lambda: Seen(NONCE_SECONDS))

    def receivers(self, call: Call) -> list[str]:
        """Return who is to be called."""
        number = _parameters(call).get("CalledNumber", "")
        return [number] if number else []

    def judge(self, call: Call) -> Verdict:
        """Decide about a request."""
        nonce = ""
        try:
            nonce = acs3.verify(call, self.keys.get)
            if self.nonces.within(nonce, call.wall, NONCE_SECONDS):
                raise Refused("SignatureNonceUsed", status=400)
            return self._accepted(call, _parameters(call), nonce)
        except Refused as refusal:
            return self._not_called(call, "rejected", refusal, nonce)

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error."""
        return self._not_called(call, "faulted", Refused(code))

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one entry into the memory."""
        if entry.nonce:
            self.nonces.note(entry.nonce, entry.wall)
        if entry.outcome == "delivered":
            self.pace.note(entry.to, now)

    def _accepted(self, call: Call, asked: dict[str, str], nonce: str) -> Verdict:
        if call.headers["x-acs-version"] != "2017-05-25":
            raise Refused("InvalidVersion", status=400)
        number, template = asked.get("CalledNumber", ""), TEMPLATES.get(asked.get("TtsCode", ""))
        if MOBILE.fullmatch(number) is None:
            raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
        if template is None:
            raise Refused("isv.TTS_TEMPLATE_ILLEGAL")
        if len(asked.get("OutId", "").encode()) > OUT_ID_BYTES:
            raise Refused("isv.OUT_ID_ILLEGAL")
        if asked.get("PlayTimes", "1") not in PLAY_TIMES:
            raise Refused("isv.PLAY_TIMES_ILLEGAL")
        try:
            values = msgspec.json.decode(asked.get("TtsParam", "{}"), type=dict[str, str])
        except msgspec.MsgspecError:
            raise Refused("isv.INVALID_JSON_PARAM") from None
        text = template.render("", values).removeprefix("【】")
        if self.pace.exhausted(number, call.now):
            raise Refused("isv.BUSINESS_LIMIT_CONTROL")
        receipt = f"{call.number}^sandbox"
        return Verdict(
            channel="voice",
            answer={"Code": "OK", "Message": "OK", "RequestId": nonce, "CallId": receipt},
            lines=(Line(number, "delivered", "OK"),),
            request=asked,
            title=values.get("title", ""),
            text=text,
            receipt=receipt,
            nonce=nonce,
        )

    def _not_called(self, call: Call, outcome: Outcome, why: Refused, nonce: str = "") -> Verdict:
        return Verdict(
            channel="voice",
            status=why.status,
            answer={"Code": why.code, "Message": why.reason, "RequestId": nonce},
            lines=tuple(Line(to, outcome, why.code) for to in self.receivers(call) or [""]),
            request=_parameters(call),
            nonce=nonce,
        )


def _parameters(call: Call) -> dict[str, str]:
    try:
        return dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
    except ValueError:
        return {}
