"""阿里云短信 SendSms (dysmsapi 2017-05-25) — https://help.aliyun.com/zh/sms/

The gateway offers no duplicate check, so a send that may have been taken is repeated once and no
more. Receipts: SmsReport by HTTP — https://help.aliyun.com/zh/sms/developer-reference/smsreport-2
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, TypeAdapter

from services.notify.domain import aliyun
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
from services.notify.domain.outcome import Outcome
from services.notify.domain.receipts import LocalTime, MessageId, reports
from services.notify.domain.receiver import Receiver
from services.notify.domain.sms import variables


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
        return aliyun.form(
            {
                "OutId": str(notification.intent_id),
                "PhoneNumbers": mobile.reveal() if mobile else "",
                "SignName": self.sign_name,
                "TemplateCode": (
                    self.template_code if notification.account else self.notice_template_code
                ),
                "TemplateParam": canonical(variables(notification)),
            }
        )

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the body with this send's date and nonce."""
        keys = (self.access_key_id, self.access_key_secret)
        return aliyun.request(self.api_url, "SendSms", body, ticket, keys)

    def outcome(self, response: HttpResponse) -> Outcome:
        """``Code`` says it; ``BizId`` is what a receipt will name."""
        return aliyun.outcome(response, "BizId")

    def receipts(self, payload: bytes) -> Sequence[Receipt]:
        """Read a SmsReport: an array, one entry for each message."""
        return [
            Receipt(r.biz_id, r.success, named("receipt", r.err_code), r.report_time)
            for r in reports(REPORTS, payload)
        ]
