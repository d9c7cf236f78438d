from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.notify.domain.channel import HttpResponse
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.outcome import Outcome, Rejected, Retry, Sent, TokenRefused

CHANNEL = WecomApp(corp_id="ww1", agent_id=1000002, secret=SecretStr("s3cret/+"))
MINUTE = timedelta(minutes=1)


def said(errcode: int, **more: Any) -> HttpResponse:
    return HttpResponse(200, {"errcode": errcode, "errmsg": "x", **more})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said(0, msgid="m1"), Sent("m1")),
        (said(0), Sent("")),
        (said(0, invaliduser=""), Sent("")),
        (said(0, invaliduser="m001"), Rejected("invaliduser")),
        (said(0, unlicenseduser="m001"), Rejected("unlicenseduser")),
        (said(-1), Retry("errcode--1")),
        (said(45009), Retry("errcode-45009", freeze=MINUTE)),
        (said(45033), Retry("errcode-45033")),
        (said(40014), TokenRefused("errcode-40014")),
        (said(42001), TokenRefused("errcode-42001")),
        (said(40001), Rejected("errcode-40001")),
        (said(40003), Rejected("errcode-40003")),
        (said(40056), Rejected("errcode-40056")),
        (said(60020), Rejected("errcode-60020")),
        (said(81013), Rejected("errcode-81013")),
        (HttpResponse(200), Retry("http-200", unsure=True)),
        (HttpResponse(200, {"errcode": "0"}), Retry("http-200", unsure=True)),
        (HttpResponse(302), Rejected("http-302")),
        (HttpResponse(404), Rejected("http-404")),
        (HttpResponse(429), Retry("http-429")),
        (HttpResponse(500), Retry("http-500", unsure=True)),
        (HttpResponse(502), Retry("http-502", unsure=True)),
        (HttpResponse(503), Retry("http-503")),
        (HttpResponse(503, {"errcode": 0}), Retry("http-503")),
    ],
)
def test_what_an_answer_means(answer: HttpResponse, outcome: Outcome) -> None:
    assert CHANNEL.outcome(answer) == outcome


def test_a_token_is_asked_for_with_the_secret_quoted() -> None:
    request = CHANNEL.token_request()
    assert request.method == "GET"
    assert request.url == (
        "https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=ww1&corpsecret=s3cret%2F%2B"
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            HttpResponse(200, {"errcode": 0, "access_token": "t", "expires_in": 7200}),
            (SecretStr("t"), timedelta(hours=2)),
        ),
        (HttpResponse(200, {"errcode": 40001}), "token-errcode-40001"),
        (HttpResponse(502), "token-http-502"),
        (HttpResponse(200, {"errcode": 0}), "token-errcode-0"),
    ],
)
def test_what_the_answer_to_gettoken_means(answer: HttpResponse, expected: object) -> None:
    assert CHANNEL.token(answer) == expected


def test_a_gateway_out_in_the_world_is_spoken_to_over_tls_only() -> None:
    with pytest.raises(ValidationError) as refused:
        WecomApp(
            api_url="http://qyapi.weixin.qq.com", corp_id="w", agent_id=1, secret=SecretStr("hush")
        )
    assert "hush" not in str(refused.value)
