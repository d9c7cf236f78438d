"""阿里云短信 — SendSms of dysmsapi 2017-05-25: a signed request in, a verdict out.

Aliyun has no duplicate check: two identical requests are two messages, so a double send shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID, uuid5

import msgspec

from deploy.sandbox import acs3
from deploy.sandbox.entries import Call, Entry, Line, Outcome, Refused, Verdict
from deploy.sandbox.limits import PUBLISHED, RERUN_SECONDS, Limits, Pace, Seen, parts
from deploy.sandbox.templates import Template

REQUESTS = UUID("736d7300-0000-5000-8000-67756e636861")
MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
NUMBERS_AT_ONCE = 1000
NONCE_SECONDS = 2 * acs3.SKEW_SECONDS

REASONS: Mapping[str, str] = {
    "isv.MOBILE_NUMBER_ILLEGAL": "非法手机号",
    "isv.MOBILE_COUNT_OVER_LIMIT": "手机号码数量超过限制",
    "isv.SMS_SIGNATURE_ILLEGAL": "该账号下找不到对应签名",
    "isv.SMS_TEMPLATE_ILLEGAL": "该账号下找不到对应模板",
    "isv.TEMPLATE_MISSING_PARAMETERS": "模板变量中存在未赋值变量",
    "isv.INVALID_JSON_PARAM": "JSON参数不合法，只接受字符串值",
    "isv.PARAM_LENGTH_LIMIT": "参数超过长度限制",
    "isv.BUSINESS_LIMIT_CONTROL": "触发天级流控Permits:50",
    "isv.DAY_LIMIT_CONTROL": "触发日发送限额",
    "isv.OUT_OF_SERVICE": "业务停机",
    "isp.SYSTEM_ERROR": "系统错误",
    "Throttling.User": "Request was denied due to user flow control.",
    "SignatureNonceUsed": "Specified signature nonce was used already.",
    "InvalidAction.NotFound": "Specified api is not found, please check your url and method.",
    "InvalidVersion": "Specified parameter Version is not valid.",
}


@dataclass
class Sms:
    """The account's keys and templates, and what it remembers of earlier messages."""

    keys: Mapping[str, str]
    templates: Mapping[str, Template]
    limits: Limits = PUBLISHED
    pace: Pace = field(init=False)
    nonces: Seen = field(default_factory=lambda: Seen(NONCE_SECONDS))
    latest: float = 0.0

    def __post_init__(self) -> None:
        self.pace = Pace(self.limits.sms)

    def receivers(self, call: Call) -> list[str]:
        """Return whom a request names, as far as that can be read."""
        return _numbers(_parameters(call))

    def judge(self, call: Call) -> Verdict:
        """Decide about a request; what is remembered of it, `remember` takes from its entries."""
        self._arrive(call.now)
        nonce = ""
        try:
            nonce = self._authorised(call)
            return self._accepted(call, nonce)
        except Refused as refusal:
            return self._not_sent(call, "rejected", refusal, nonce)

    def fail(self, call: Call, code: int | str) -> Verdict:
        """Return the verdict of a scripted error: not accepted, whatever the request says."""
        status = 200 if str(code).startswith(("isv.", "isp.")) else 400
        return self._not_sent(call, "faulted", Refused(code, status=status))

    def remember(self, entry: Entry, now: float) -> None:
        """Fold one entry into the memory: live and, from the journal, after a restart."""
        self._arrive(now)
        if entry.nonce:
            self.nonces.note(entry.nonce, entry.wall)
        if entry.outcome in ("delivered", "dropped"):
            self.pace.note(_pace_key(entry.to, entry.request), now)

    def _arrive(self, now: float) -> None:
        if now < self.latest - RERUN_SECONDS:
            self.pace.clear()
        self.latest = now

    def _authorised(self, call: Call) -> str:
        nonce = acs3.verify(call, self.keys.get)
        if self.nonces.within(nonce, call.wall, NONCE_SECONDS):
            raise Refused("SignatureNonceUsed", status=400)
        return nonce

    def _accepted(self, call: Call, nonce: str) -> Verdict:
        if call.headers["x-acs-action"] != "SendSms":
            raise Refused("InvalidAction.NotFound", status=404)
        if call.headers["x-acs-version"] != "2017-05-25":
            raise Refused("InvalidVersion", status=400)
        asked = _parameters(call)
        numbers = _checked_numbers(asked)
        values = _values(asked.get("TemplateParam") or "{}")
        text = self._template(asked).render(asked["SignName"], values)
        if any(self.pace.exhausted(_pace_key(number, asked), call.now) for number in numbers):
            raise Refused("isv.BUSINESS_LIMIT_CONTROL")
        receipt = f"{900_000_000_000_000_000 + call.number}^0"
        return Verdict(
            channel="sms",
            answer={**_answer(call, "OK", "OK"), "BizId": receipt},
            lines=tuple(Line(number, "delivered", "OK") for number in numbers),
            request=asked,
            title=values.get("title", asked["TemplateCode"]),
            text=text,
            receipt=receipt,
            parts=parts(text),
            nonce=nonce,
        )

    def _template(self, asked: Mapping[str, str]) -> Template:
        sign, template = asked["SignName"], self.templates.get(asked["TemplateCode"])
        if all(sign not in known.signs for known in self.templates.values()):
            raise Refused("isv.SMS_SIGNATURE_ILLEGAL")
        if template is None or sign not in template.signs:
            raise Refused("isv.SMS_TEMPLATE_ILLEGAL")
        return template

    def _not_sent(self, call: Call, outcome: Outcome, why: Refused, nonce: str = "") -> Verdict:
        reason, asked = why.reason or REASONS.get(str(why.code), ""), _parameters(call)
        return Verdict(
            channel="sms",
            status=why.status,
            answer=_answer(call, why.code, reason),
            lines=tuple(Line(to, outcome, why.code) for to in _numbers(asked) or [""]),
            request=asked,
            title=asked.get("TemplateCode", ""),
            text=asked.get("TemplateParam", ""),
            nonce=nonce,
        )


def _answer(call: Call, code: int | str, message: str) -> dict[str, object]:
    request_id = str(uuid5(REQUESTS, f"{call.wall}|{call.number}")).upper()
    return {"Code": code, "Message": message, "RequestId": request_id}


def _parameters(call: Call) -> dict[str, str]:
    """Return the parameters of the address and the form; a byte that is no UTF-8 becomes �."""
    try:
        form = parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True)
    except ValueError:
        form = []
    return dict(call.query) | dict(form)


def _numbers(asked: Mapping[str, str]) -> list[str]:
    """Return the numbers named, the Chinese ones without their country's prefix."""
    named = [number.strip() for number in asked.get("PhoneNumbers", "").split(",")]
    found = [MOBILE.fullmatch(number) for number in named]
    pairs = zip(named, found, strict=True)
    return list(dict.fromkeys(match[1] if match else number for number, match in pairs if number))


def _checked_numbers(asked: Mapping[str, str]) -> list[str]:
    for name in ("PhoneNumbers", "SignName", "TemplateCode"):
        if not asked.get(name):
            raise Refused(f"Missing{name}", f"{name} is mandatory for this action.", 400)
    numbers = _numbers(asked)
    if len(numbers) > NUMBERS_AT_ONCE:
        raise Refused("isv.MOBILE_COUNT_OVER_LIMIT")
    if not numbers or any(MOBILE.fullmatch(number) is None for number in numbers):
        raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
    return numbers


def _values(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, str])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Refused("isv.INVALID_JSON_PARAM") from None


def _pace_key(number: str, asked: Mapping[str, str]) -> str:
    return f"{number}|{asked['SignName']}|{asked['TemplateCode']}"
