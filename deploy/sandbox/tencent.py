"""腾讯云短信 — SendSms of sms 2021-01-11: a request signed with TC3-HMAC-SHA256 in, a verdict out.

https://cloud.tencent.com/document/product/382/52072, written from the specification alone, so that
a client's mistake cannot be repeated here. An error is answered with 200, as the real one does.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from deploy.sandbox.entries import Call, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.limits import DAY, Pace, Rate, parts

KEYS = {"sandbox-secret-id": "sandbox-secret-key"}
APP_ID, SIGN = "1400000001", "观潮"
TEMPLATES = {"1000001": "{1}：{2}尾号{3}，{4}。{5}{6}", "1000002": "{1}：{2}。{3}{4}"}
AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>[\d-]+)/sms/tc3_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
MOBILE = re.compile(r"\+861[3-9][0-9]{9}")
PARAMETER = re.compile(r"\{(\d+)\}")
SKEW_SECONDS = 300


@dataclass
class Tencent:
    """The account, and what it remembers of earlier messages."""

    pace: Pace = field(default_factory=lambda: Pace((Rate(50, DAY),)))

    def receivers(self, call: Call) -> list[str]:
        """Return the numbers a request names, without the country's prefix."""
        named = _lenient(call.body).get("PhoneNumberSet")
        return [str(one).removeprefix("+86") for one in named] if isinstance(named, list) else []

    def judge(self, call: Call) -> Verdict:
        """Decide about a request."""
        try:
            _verify(call)
            return self._accepted(call, _lenient(call.body))
        except Refused as refusal:
            return self._not_sent(call, "rejected", refusal)

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error."""
        return self._not_sent(call, "faulted", Refused(code))

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one entry into the memory."""
        if entry.outcome == "delivered":
            self.pace.note(entry.to, now)

    def _accepted(self, call: Call, asked: Mapping[str, Any]) -> Verdict:
        if call.headers.get("x-tc-version") != "2021-01-11":
            raise Refused("NoSuchVersion")
        if asked.get("SmsSdkAppId") != APP_ID:
            raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        text, values = _text(asked), asked["TemplateParamSet"]
        lines = tuple(self._line(number, call.now) for number in asked.get("PhoneNumberSet", ()))
        receipt = f"sandbox:{call.number}"
        status = [
            {
                "SerialNo": receipt if line.outcome == "delivered" else "",
                "PhoneNumber": f"+86{line.to}",
                "Fee": parts(text),
                "SessionContext": asked.get("SessionContext", ""),
                "Code": line.code,
                "Message": "send success" if line.code == "Ok" else str(line.code),
                "IsoCode": "CN",
            }
            for line in lines
        ]
        return Verdict(
            channel="tencent",
            answer={"Response": {"SendStatusSet": status, "RequestId": receipt}},
            lines=lines,
            request=dict(asked),
            title=str(values[0]),
            text=text,
            receipt=receipt,
            parts=parts(text),
        )

    def _line(self, number: str, now: float) -> Line:
        to = str(number).removeprefix("+86")
        if MOBILE.fullmatch(str(number)) is None:
            return Line(to, "rejected", "InvalidParameterValue.IncorrectPhoneNumber")
        if self.pace.exhausted(to, now):
            return Line(to, "rejected", "LimitExceeded.PhoneNumberDailyLimit")
        return Line(to, "delivered", "Ok")

    def _not_sent(self, call: Call, outcome: Outcome, why: Refused) -> Verdict:
        error = {"Code": why.code, "Message": why.reason or str(why.code)}
        return Verdict(
            channel="tencent",
            answer={"Response": {"Error": error, "RequestId": f"sandbox:{call.number}"}},
            lines=tuple(Line(to, outcome, why.code) for to in self.receivers(call) or [""]),
            request=_lenient(call.body),
        )


def _text(asked: Mapping[str, Any]) -> str:
    """Return what the phone shows; raise `Refused` for what was never approved."""
    template, values = TEMPLATES.get(str(asked.get("TemplateId"))), asked.get("TemplateParamSet")
    if asked.get("SignName") != SIGN:
        raise Refused("FailedOperation.SignatureIncorrectOrUnapproved")
    if template is None:
        raise Refused("FailedOperation.TemplateIncorrectOrUnapproved")
    wanted = len(PARAMETER.findall(template))
    if not isinstance(values, list) or len(values) != wanted:
        raise Refused("FailedOperation.TemplateParamSetNotMatchApprovedTemplate")
    return f"【{SIGN}】" + PARAMETER.sub(lambda found: str(values[int(found[1]) - 1]), template)


def _verify(call: Call) -> None:
    found = AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
    stamp = call.headers.get("x-tc-timestamp", "")
    if found is None or not stamp.isdecimal():
        raise Refused("AuthFailure.InvalidAuthorization")
    if abs(call.wall - int(stamp)) > SKEW_SECONDS:
        raise Refused("AuthFailure.SignatureExpire")
    if found["key"] not in KEYS:
        raise Refused("AuthFailure.SecretIdNotFound")
    names = found["names"].split(";")
    if not {"content-type", "host"} <= set(names) or f"{_day(stamp)}" != found["day"]:
        raise Refused("AuthFailure.SignatureFailure")
    head = "".join(f"{name}:{call.headers.get(name, '').strip().lower()}\n" for name in names)
    body = sha256(call.body).hexdigest()
    asked = "\n".join((call.method, call.path, "", head, found["names"], body))
    scope = f"{found['day']}/sms/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
    key = _hmac(f"TC3{KEYS[found['key']]}".encode(), found["day"])
    key = _hmac(_hmac(key, "sms"), "tc3_request")
    if not hmac.compare_digest(_hmac(key, text).hex(), found["signature"]):
        raise Refused("AuthFailure.SignatureFailure")


def _day(stamp: str) -> str:
    return f"{datetime.fromtimestamp(int(stamp), UTC):%Y-%m-%d}"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _lenient(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
