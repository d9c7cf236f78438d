"""阿里云短信 SendSms (dysmsapi 2017-05-25) — https://help.aliyun.com/zh/sms/

Signed with ACS3-HMAC-SHA256; the parameters stand in a form body, so that no phone number ever
stands in an address. Date and nonce are headers: the body stays the same on a repeat. The gateway
offers no duplicate check, so a send that may have been taken is repeated once and no more.

Receipts: SmsReport by HTTP — https://help.aliyun.com/zh/sms/developer-reference/smsreport-2
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from hashlib import sha256
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter

from services.notify.domain.channel import (
    GatewayUrl,
    HttpRequest,
    HttpResponse,
    Notification,
    Receipt,
    Resend,
    Ticket,
    canonical,
    cut,
    named,
    titled,
)
from services.notify.domain.outcome import SERVER_ERRORS, Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.receipts import LocalTime, MessageId, reports
from services.notify.domain.receiver import Receiver

ALGORITHM = "ACS3-HMAC-SHA256"
TITLE, CLIENT, SENTENCE = 26, 40, 150  # of a message's 500 characters

CODES: dict[str, Outcome] = {
    "isp.SYSTEM_ERROR": Retry("code-isp.SYSTEM_ERROR", unsure=True),
    "isp.GATEWAY_ERROR": Retry("code-isp.GATEWAY_ERROR", unsure=True),
    "InternalError": Retry("code-InternalError", unsure=True),
    "SignatureNonceUsed": Retry("code-SignatureNonceUsed", unsure=True),
    "ServiceUnavailable": Retry("code-ServiceUnavailable"),
    "Throttling": Retry("code-Throttling"),
    "Throttling.User": Retry("code-Throttling.User"),
    "Throttling.Api": Retry("code-Throttling.Api"),
}
"""What a Code means; every other one but OK is permanent (isv.BUSINESS_LIMIT_CONTROL: the
number's or the template's day is used up)."""


class SmsReport(BaseModel):
    """One number's fate; the number itself is not read."""

    biz_id: MessageId
    success: bool
    err_code: str
    report_time: LocalTime


REPORTS = TypeAdapter(list[SmsReport])


class AliyunSms(BaseModel):
    """Its settings: endpoint, key pair, 短信签名, 模板 of a client's alert and of a notice."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl = "https://dysmsapi.aliyuncs.com"
    access_key_id: str
    access_key_secret: SecretStr
    sign_name: str
    template_code: str = "SMS_GC_ALERT"
    notice_template_code: str = "SMS_GC_NOTICE"

    resend: ClassVar[Resend] = Resend(unsure=1, window=timedelta(minutes=30))
    team: ClassVar[bool] = False
    taken: ClassVar[Mapping[str, object]] = {"code": 0, "msg": "接收成功"}

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a mobile number nobody is reached."""
        return None if receiver.mobile else "no-mobile"

    def hosts(self) -> frozenset[str]:
        """The one endpoint."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the form. ``OutId`` comes back in the receipt and names the intent."""
        mobile = notification.receiver.mobile
        tail = notification.account.lstrip("*")  # 尾号: the template says so, in two characters
        client = {"client": cut(notification.client, CLIENT), "account": tail}
        parameters = {
            "title": titled(notification, TITLE),
            **(client if notification.account else {}),
            "summary": cut(notification.summary, SENTENCE),
            "action": cut(notification.action, SENTENCE),
            "code": notification.code,
        }
        form = {
            "OutId": str(notification.intent_id),
            "PhoneNumbers": mobile.reveal() if mobile else "",
            "SignName": self.sign_name,
            "TemplateCode": (
                self.template_code if notification.account else self.notice_template_code
            ),
            "TemplateParam": canonical(parameters),
        }
        return urlencode(form, quote_via=quote, safe="-_.~")

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the body with this send's date and nonce."""
        raw = body.encode()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "host": urlsplit(self.api_url).netloc,
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": sha256(raw).hexdigest(),
            "x-acs-date": ticket.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": ticket.nonce,
            "x-acs-version": "2017-05-25",
        }
        signed = authorization("", headers, self.access_key_id, self.access_key_secret)
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/",
            headers=(*headers.items(), ("authorization", signed)),
            body=raw,
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """The interface's own ``Code`` says it; without one, the HTTP status."""
        match response.json:
            case {"Code": "OK"}:
                return Sent(str(response.json.get("BizId", ""))[:200])
            case {"Code": str(code)} if code in CODES:
                return CODES[code]
            case {"Code": str(code)} if response.status < SERVER_ERRORS:
                return Rejected(named("code", code))
            case _:
                return by_status(response.status)

    def receipts(self, payload: bytes) -> Sequence[Receipt]:
        """Read a SmsReport: an array, one entry for each message."""
        return [
            Receipt(r.biz_id, r.success, named("receipt", r.err_code), r.report_time)
            for r in reports(REPORTS, payload)
        ]


def authorization(query: str, headers: dict[str, str], key_id: str, key_secret: SecretStr) -> str:
    """Return the Authorization header of a POST to ``/``.

    https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
    ``query`` is the canonical query string; ``headers`` (lower case) are all signed.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    payload = headers["x-acs-content-sha256"]
    canonical_request = "\n".join(("POST", "/", query, lines, names, payload))
    to_sign = f"{ALGORITHM}\n{sha256(canonical_request.encode()).hexdigest()}"
    secret = key_secret.get_secret_value().encode()
    signature = hmac.new(secret, to_sign.encode(), sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"
