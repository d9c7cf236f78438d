"""No secret in any repr, log or exception: over all channels of the catalogue, mail included.

Hidden are the channel's secret, the hour's token, numbers, addresses, and the links' signatures.
"""

import io
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from services.notify.adapters.token import Token
from services.notify.adapters.transport import Transport, transport
from services.notify.domain.channel import HttpRequest, HttpResponse
from services.notify.domain.channels import catalogue
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Outcome, Rejected, Retry
from services.notify.settings import Settings
from shared.observability.last_words import last_words
from tests.contract.test_channels import (
    EMAIL,
    MOBILE,
    RECEIVER,
    SAMPLES,
    SECRET,
    TICKET,
    TOKEN,
    channel,
    notification,
)
from tests.kit.alerts import raised

HIDDEN = (SECRET, TOKEN, MOBILE, EMAIL, "sig=")
DEAF = {"mail": {"host": "127.0.0.1", "port": 1, "tls": "none", "username": "u"}}
"""Mail goes by SMTP, to a port where nobody listens."""

every = pytest.mark.parametrize("name", sorted(catalogue()))


def asked(name: str) -> HttpRequest | MailRequest:
    one = channel(name, **DEAF.get(name, {}))
    return one.request(one.body(notification()), TICKET)


def hides(text: str) -> None:
    """None of them is in it."""
    assert [hidden for hidden in HIDDEN if hidden in text] == []


def test_all_nine_are_here() -> None:
    assert len(catalogue()) == 9
    assert catalogue().keys() == SAMPLES.keys()


@every
def test_no_repr_shows_any(name: str) -> None:
    one, request = channel(name), asked(name)
    things = (one, request, notification(), TICKET, RECEIVER, raised())
    hides(" ".join(f"{thing!r} {thing!s} {thing}" for thing in things))
    hides(one.model_dump_json() if hasattr(one, "model_dump_json") else "")


def secret_fields(name: str) -> list[tuple[str, ...]]:
    """Return where the sample has its secret."""
    given = SAMPLES[name]
    if "groups" in given:
        return [("groups", "manager", field) for field in given["groups"]["manager"]]
    return [(field,) for field, value in given.items() if value == SECRET]


def spoilt(name: str, path: tuple[str, ...]) -> dict[str, Any]:
    """Return the sample with its secret where no secret may stand."""
    if len(path) == 1:
        return SAMPLES[name] | {path[0]: [SECRET]}
    outer, role, field = path
    return SAMPLES[name] | {outer: {role: SAMPLES[name][outer][role] | {field: [SECRET]}}}


@every
def test_settings_that_are_refused_do_not_quote_it(name: str) -> None:
    wrong = [spoilt(name, path) for path in secret_fields(name)]
    for given in (*wrong, SAMPLES[name] | {"misspelt": SECRET}):
        with pytest.raises(ValidationError) as refused:
            catalogue()[name](**given)
        hides(f"{refused.value} {refused.value!r}")
        hides("".join(traceback.format_exception(refused.value)))


def test_the_whole_settings_show_none() -> None:
    robots = {name: SAMPLES[name] for name in SAMPLES if name.endswith("_robot")}
    others = {n: SAMPLES[n] for n in ("app_push", "tencent_sms", "aliyun_voice", "mail")}
    settings = Settings.model_validate(
        {
            "kafka": {"brokers": "k:9092"},
            "postgres": {"dsn": f"postgresql://u:{SECRET}@h/d"},
            "valkey": {"url": f"redis://:{SECRET}@h/0"},
            "http": {"port": 1},
            "wecom": SAMPLES["wecom_app"],
            "sms": SAMPLES["aliyun_sms"],
            "robots": robots,
            "field_keys": {"k1": "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="},
            "link_key": SECRET,
            "receipt_key": SECRET,
            "callback": {"token": SECRET, "aes_key": "a" * 43},
            "sending": {"proxy": f"http://u:{SECRET}@proxy:3128"},
            **others,
        }
    )
    assert settings.channels.keys() == catalogue().keys()
    hides(f"{settings!r} {settings} {settings.channels!r} {settings.model_dump_json()}")


@asynccontextmanager
async def over(name: str, answer: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[Any]:
    """Open a transport whose network is a function; mail's is a port where nobody listens."""
    made: Transport = transport(channel(name, **DEAF.get(name, {})).hosts(), 1.0, 2, None)
    await made.client.aclose()
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    try:
        yield replace(made, client=client)
    finally:
        await client.aclose()


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(f"broken off at {request.url} with {request.content!r}")


def echoing(request: httpx.Request) -> httpx.Response:
    """Refuse in every gateway's way, quoting the request in the words beside the code."""
    words = f"{request.url} {request.content!r} {SECRET} {TOKEN} {MOBILE}"
    said = {"errcode": 40001, "code": 19021, "Code": "isv.X", "errmsg": words, "msg": words}
    error = {"Code": "AuthFailure.X", "Message": words}
    return httpx.Response(200, json=said | {"Message": words, "Response": {"Error": error}})


@every
@pytest.mark.parametrize("answer", [broken, echoing])
async def test_neither_log_nor_outcome_shows_any_when_it_goes_wrong(
    name: str,
    answer: Callable[[httpx.Request], httpx.Response],
    caplog: pytest.LogCaptureFixture,
) -> None:
    printed = io.StringIO()
    with caplog.at_level(logging.DEBUG), redirect_stdout(printed), redirect_stderr(printed):
        async with over(name, answer) as sender:
            got = await sender.send(asked(name))
            outcome: Outcome = channel(name).outcome(got) if isinstance(got, HttpResponse) else got
    assert isinstance(outcome, Retry | Rejected)
    hides(f"{outcome!r} {caplog.text} {printed.getvalue()}")


@pytest.mark.parametrize("answer", [broken, echoing])
async def test_a_token_that_is_not_given_shows_no_secret(
    answer: Callable[[httpx.Request], httpx.Response], caplog: pytest.LogCaptureFixture
) -> None:
    wecom = channel("wecom_app")
    assert isinstance(wecom, WecomApp)
    assert SECRET in wecom.token_request().url
    with caplog.at_level(logging.DEBUG):
        async with over("wecom_app", answer) as sender:
            token = Token(wecom, sender.send)
            got = await token.get()
    assert isinstance(got, Retry)
    hides(f"{got!r} {token!r} {wecom.token_request()!r} {caplog.text}")


@every
def test_the_last_words_of_a_process_quote_no_request(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(name)
    inside = request.message if isinstance(request, MailRequest) else request.body
    try:
        raise RuntimeError(f"{inside!r} {SECRET} {TOKEN} {MOBILE}")
    except RuntimeError as error:
        last_words(ExceptionGroup("of a group", [error]))
    said = capsys.readouterr()
    hides(said.out + said.err)
