import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr

from services.notify.domain.aliyun import authorization
from services.notify.domain.channel import (
    HttpResponse,
    Receipt,
    ReceiptChannel,
    Ticket,
    WrongReceipt,
)
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent

CHANNEL = AliyunSms(
    api_url="http://127.0.0.1:18004",
    access_key_id="key-id",
    access_key_secret=SecretStr("key-secret"),
    sign_name="观潮",
)
AT = datetime(2026, 6, 1, 2, 31, 5, tzinfo=UTC)


def said(code: str, status: int = 200, **more: Any) -> HttpResponse:
    return HttpResponse(status, {"Code": code, "Message": "x", "RequestId": "r", **more})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said("OK", BizId="900^0"), Sent("900^0")),
        (said("isv.BUSINESS_LIMIT_CONTROL"), Rejected("code-isv.BUSINESS_LIMIT_CONTROL")),
        (said("isv.MOBILE_NUMBER_ILLEGAL"), Rejected("code-isv.MOBILE_NUMBER_ILLEGAL")),
        (said("SignatureDoesNotMatch", 400), Rejected("code-SignatureDoesNotMatch")),
        (said("isv.x 13800000001"), Rejected("code-isv.x-")),
        (said("Throttling.User", 400), Retry("code-Throttling.User")),
        (said("ServiceUnavailable", 503), Retry("code-ServiceUnavailable")),
        (said("isp.SYSTEM_ERROR"), Retry("code-isp.SYSTEM_ERROR", unsure=True)),
        (said("InternalError", 500), Retry("code-InternalError", unsure=True)),
        (said("Unheard", 500), Retry("http-500", unsure=True)),
        (HttpResponse(200), Retry("http-200", unsure=True)),
        (HttpResponse(502), Retry("http-502", unsure=True)),
        (HttpResponse(503), Retry("http-503")),
        (HttpResponse(404), Rejected("http-404")),
    ],
)
def test_what_an_answer_means(answer: HttpResponse, outcome: Outcome) -> None:
    assert CHANNEL.outcome(answer) == outcome


def test_the_signature_is_that_of_the_documents_example() -> None:
    """https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature"""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    signed = authorization(query, headers, "YourAccessKeyId", SecretStr("YourAccessKeySecret"))
    assert signed == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_date_and_nonce_are_headers_and_the_number_is_in_no_address() -> None:
    request = CHANNEL.request("PhoneNumbers=13800000001", Ticket(AT, "nonce-1"))
    headers = dict(request.headers)
    assert request.url == "http://127.0.0.1:18004/"
    assert request.body == b"PhoneNumbers=13800000001"
    assert headers["host"] == "127.0.0.1:18004"
    assert headers["x-acs-date"] == "2026-06-01T02:31:05Z"
    assert headers["x-acs-signature-nonce"] == "nonce-1"
    assert headers["x-acs-action"] == "SendSms"
    assert headers["x-acs-version"] == "2017-05-25"
    assert headers["x-acs-content-sha256"] == sha256(request.body).hexdigest()
    signed = "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce"
    assert f"SignedHeaders={signed};x-acs-version," in headers["authorization"]


REPORT = {
    "phone_number": "13812345678",
    "send_time": "2026-06-01 10:31:05",
    "report_time": "2026-06-01 10:31:07",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "900^0",
    "out_id": "67890",
}


def test_a_report_says_what_became_of_each_message() -> None:
    failed = REPORT | {"success": False, "err_code": "MK:0013 13812345678", "biz_id": "901^0"}
    channel: ReceiptChannel = CHANNEL
    arrived = datetime(2026, 6, 1, 2, 31, 7, tzinfo=UTC)
    assert channel.receipts(json.dumps([REPORT, failed]).encode()) == [
        Receipt("900^0", True, "receipt-DELIVERED", arrived),
        Receipt("901^0", False, "receipt-MK-0013-", arrived),
    ]
    assert channel.taken["code"] == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}",
        b"\xff",
        json.dumps([REPORT | {"report_time": "yesterday 13812345678"}]).encode(),
        json.dumps([REPORT | {"report_time": 5}]).encode(),
        json.dumps([REPORT | {"success": "13812345678"}]).encode(),
    ],
)
def test_a_report_that_cannot_be_read_is_named_without_its_content(payload: bytes) -> None:
    with pytest.raises(WrongReceipt) as caught:
        CHANNEL.receipts(payload)
    assert "13812345678" not in str(caught.value)
    assert caught.value.__cause__ is None
