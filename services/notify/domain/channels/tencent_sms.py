"""腾讯云短信 SendSms (sms 2021-01-11) — https://cloud.tencent.com/document/product/382/55981

Signed with TC3-HMAC-SHA256. The number stands in the body, in E.164. No duplicate check: a send
that may have been taken is repeated once and no more. Receipts by callback: product/382/43547.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Literal
from urllib.parse import urlsplit

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
    named,
)
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, by_status
from services.notify.domain.receipts import LocalTime, MessageId, reports
from services.notify.domain.receiver import Receiver
from services.notify.domain.sms import variables

ALGORITHM, VERSION = "TC3-HMAC-SHA256", "2021-01-11"
SIGNED = "content-type;host;x-tc-action"
CODES: dict[str, Outcome] = {
    "Ok": Sent(),
    "InternalError": Retry("code-InternalError", unsure=True),
    "InternalError.Timeout": Retry("code-InternalError.Timeout", unsure=True),
    "InternalError.SendAndRecvFail": Retry("code-InternalError.SendAndRecvFail", unsure=True),
    "InternalError.OtherError": Retry("code-InternalError.OtherError", unsure=True),
    "RequestLimitExceeded": Retry("code-RequestLimitExceeded"),
    "LimitExceeded.DeliveryFrequencyLimit": Retry("code-LimitExceeded.DeliveryFrequencyLimit"),
    "LimitExceeded.PhoneNumberThirtySecondLimit": Retry(
        "code-LimitExceeded.PhoneNumberThirtySecondLimit"
    ),
}
"""What a Code means, the request's or the number's; every other one is permanent."""


class SmsStatus(BaseModel):
    """One number's fate; the number itself is not read."""

    sid: MessageId
    report_status: Literal["SUCCESS", "FAIL"]
    errmsg: str
    user_receive_time: LocalTime


STATUSES = TypeAdapter(list[SmsStatus])


class TencentSms(BaseModel):
    """Its settings: endpoint, region, key pair, application, 签名, 模板.

    One 模板 is of a client's alert, one of a notice; both take their variables by number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl = "https://sms.tencentcloudapi.com"
    region: str = "ap-guangzhou"
    secret_id: str
    secret_key: SecretStr
    sdk_app_id: str
    sign_name: str
    template_id: str
    notice_template_id: str

    resend: ClassVar[Resend] = Resend(unsure=1, window=timedelta(minutes=30))
    team: ClassVar[bool] = False
    taken: ClassVar[Mapping[str, object]] = {"result": 0, "errmsg": "OK"}

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a mobile number nobody is reached."""
        return None if receiver.mobile else "no-mobile"

    def hosts(self) -> frozenset[str]:
        """The one endpoint."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the parameters; the template's variables stand in their order."""
        mobile = notification.receiver.mobile
        template = self.template_id if notification.account else self.notice_template_id
        return canonical(
            {
                "PhoneNumberSet": [f"+86{mobile.reveal()}" if mobile else ""],
                "SmsSdkAppId": self.sdk_app_id,
                "SignName": self.sign_name,
                "TemplateId": template,
                "TemplateParamSet": list(variables(notification).values()),
                "SessionContext": str(notification.intent_id),
            }
        )

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the body with this send's time."""
        headers = {
            "content-type": "application/json; charset=utf-8",
            "host": urlsplit(self.api_url).netloc,
            "x-tc-action": "SendSms",
        }
        keys = (self.secret_id, self.secret_key)
        unsigned = {
            "x-tc-region": self.region,
            "x-tc-timestamp": str(int(ticket.at.timestamp())),
            "x-tc-version": VERSION,
            "authorization": authorization("sms", headers, body.encode(), ticket.at, keys),
        }
        return HttpRequest(
            url=f"{self.api_url.rstrip('/')}/",
            headers=(*headers.items(), *unsigned.items()),
            body=body.encode(),
        )

    def outcome(self, response: HttpResponse) -> Outcome:
        """The request's ``Error`` says it, else the number's ``Code``."""
        match response.json:
            case {"Response": {"Error": {"Code": str(code)}}}:
                return CODES.get(code) or Rejected(named("code", code))
            case {"Response": {"SendStatusSet": [{"Code": "Ok", **status}]}}:
                return Sent(str(status.get("SerialNo", ""))[:200])
            case {"Response": {"SendStatusSet": [{"Code": str(code)}]}}:
                return CODES.get(code) or Rejected(named("code", code))
            case _:
                return by_status(response.status)

    def receipts(self, payload: bytes) -> Sequence[Receipt]:
        """Read a callback: an array, one entry for each message."""
        return [
            Receipt(
                s.sid, s.report_status == "SUCCESS", named("receipt", s.errmsg), s.user_receive_time
            )
            for s in reports(STATUSES, payload)
        ]


def authorization(
    service: str, headers: Mapping[str, str], body: bytes, at: datetime, keys: tuple[str, SecretStr]
) -> str:
    """Return the Authorization header of a POST to ``/`` — product/382/52072.

    ``headers`` are the signed ones (lower case, `SIGNED`); ``keys`` are the key's id and secret.
    """
    day = f"{at.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in SIGNED.split(";"))
    asked = "\n".join(("POST", "/", "", lines, SIGNED, sha256(body).hexdigest()))
    seconds = int(at.timestamp())
    to_sign = f"{ALGORITHM}\n{seconds}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
    key = f"TC3{keys[1].get_secret_value()}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), sha256).digest()
    signature = hmac.new(key, to_sign.encode(), sha256).hexdigest()
    return (
        f"{ALGORITHM} Credential={keys[0]}/{scope}, SignedHeaders={SIGNED}, Signature={signature}"
    )
