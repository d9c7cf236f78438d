"""阿里云语音通知 SingleCallByTts (dyvmsapi 2017-05-25) — https://help.aliyun.com/zh/vms/

A call that reads an approved text. It is never repeated once it may have rung: two calls in the
night tell twice. Receipts: VoiceReport by HTTP, after the call has ended.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

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
from services.notify.domain.lengths import cut
from services.notify.domain.outcome import Outcome
from services.notify.domain.receipts import LocalTime, MessageId, reports
from services.notify.domain.receiver import Receiver
from services.notify.domain.sms import SPOKEN, variables

OUT_ID = 15
ANSWERED = "200000"


class VoiceReport(BaseModel):
    """One call's fate; the number itself is not read."""

    call_id: MessageId
    status_code: str
    end_time: LocalTime


REPORTS = TypeAdapter(list[VoiceReport])


class AliyunVoice(BaseModel):
    """Its settings: endpoint, key pair, the number shown, 模板 of an alert and of a notice."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_url: GatewayUrl = "https://dyvmsapi.aliyuncs.com"
    access_key_id: str
    access_key_secret: SecretStr
    called_show_number: str | None = Field(default=None, description="None: of the public pool")
    tts_code: str
    notice_tts_code: str
    play_times: int = Field(default=2, ge=1, le=3)

    resend: ClassVar[Resend] = Resend(unsure=0, window=timedelta(minutes=30))
    team: ClassVar[bool] = False
    taken: ClassVar[Mapping[str, object]] = {"code": 0, "msg": "接收成功"}

    @staticmethod
    def lacks(receiver: Receiver) -> str | None:
        """Without a mobile number nobody is called."""
        return None if receiver.mobile else "no-mobile"

    def hosts(self) -> frozenset[str]:
        """The one endpoint."""
        return frozenset({urlsplit(self.api_url).netloc})

    def body(self, notification: Notification) -> str:
        """Return the form. ``OutId`` has room for the beginning of the intent's id alone."""
        mobile = notification.receiver.mobile
        spoken = {name: cut(text, SPOKEN) for name, text in variables(notification).items()}
        shown = {"CalledShowNumber": self.called_show_number} if self.called_show_number else {}
        return aliyun.form(
            shown
            | {
                "CalledNumber": mobile.reveal() if mobile else "",
                "OutId": notification.intent_id.hex[:OUT_ID],
                "PlayTimes": str(self.play_times),
                "TtsCode": self.tts_code if notification.account else self.notice_tts_code,
                "TtsParam": canonical(spoken),
            }
        )

    def request(self, body: str, ticket: Ticket) -> HttpRequest:
        """Sign the body with this send's date and nonce."""
        keys = (self.access_key_id, self.access_key_secret)
        return aliyun.request(self.api_url, "SingleCallByTts", body, ticket, keys)

    def outcome(self, response: HttpResponse) -> Outcome:
        """``Code`` says it; ``CallId`` is what a receipt will name."""
        return aliyun.outcome(response, "CallId")

    def receipts(self, payload: bytes) -> Sequence[Receipt]:
        """Read a VoiceReport: an array, one entry for each call; only an answered one arrived."""
        return [
            Receipt(
                r.call_id, r.status_code == ANSWERED, named("receipt", r.status_code), r.end_time
            )
            for r in reports(REPORTS, payload)
        ]
