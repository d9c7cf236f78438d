"""Every type of message in every channel: whole, within its length, and as it was approved."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from deploy.sandbox import tencent, voice
from deploy.sandbox.limits import parts as charged
from deploy.sandbox.templates import approved
from services.notify.composing import composed
from services.notify.domain.channel import Notification
from services.notify.domain.channels import catalogue
from services.notify.domain.lengths import parts
from services.notify.domain.sms import SPOKEN, VARIABLES, variables
from services.notify.domain.templates import FAMILIES
from services.notify.domain.wecom_forms import BYTES, FORMS, Form
from shared.contracts.messages import MessageType, messages
from tests.contract.test_channels import LARGEST, RECEIVER, channel
from tests.kit.alerts import POLICY

WORDING = POLICY.wording
WORD = re.compile(r"\$?\{(\w+)\}")

types = pytest.mark.parametrize("message", messages(), ids=lambda m: m.english)
channels = pytest.mark.parametrize("name", sorted(catalogue()))


def example(message: MessageType, name: str) -> Notification:
    return replace(WORDING.example(message, name), receiver=RECEIVER)


def test_every_channel_has_its_words() -> None:
    assert FAMILIES.keys() == catalogue().keys()


@types
@channels
def test_an_example_is_whole_in_every_channel(message: MessageType, name: str) -> None:
    said = example(message, name)
    body = composed(name, channel(name), said, WORDING.sms).body
    told = unquote(body) if name.startswith("aliyun") else body
    assert "…" not in told
    assert message.name in told
    assert len(body.encode()) <= LARGEST[name]
    if name != "aliyun_voice":  # nobody types what is heard
        assert said.code in told


@types
@pytest.mark.parametrize("form", sorted(FORMS))
def test_an_example_is_whole_in_every_form_of_wecom(message: MessageType, form: Form) -> None:
    said = example(message, "wecom_app")
    body: dict[str, Any] = FORMS[form](said)
    shown = json.dumps(body, ensure_ascii=False)
    assert "…" not in shown
    assert said.links.view in shown
    if form in ("text", "markdown"):
        assert len(body[form]["content"].encode()) <= BYTES


@types
@pytest.mark.parametrize("name", ["aliyun_sms", "tencent_sms"])
def test_an_sms_is_one_part_by_our_count_and_by_the_gateways(
    message: MessageType, name: str
) -> None:
    text = WORDING.sms.text("观潮", variables(example(message, name)))
    assert parts(text) == charged(text) == 1
    assert composed(name, channel(name), example(message, name), WORDING.sms).sms_parts == 1


@types
def test_a_call_says_every_variable_whole(message: MessageType) -> None:
    assert max(map(len, variables(example(message, "aliyun_voice")).values())) <= SPOKEN


@types
def test_a_notice_names_no_client_and_an_alert_does(message: MessageType) -> None:
    named = tuple(variables(example(message, "aliyun_sms")))
    assert named in (VARIABLES, tuple(n for n in VARIABLES if n not in ("client", "account")))
    assert (message.module.value == "公告") <= ("client" not in named)


def by_name(text: str) -> str:
    return WORD.sub(r"{\1}", text)


def by_number(text: str) -> str:
    found = iter(range(1, 9))
    return WORD.sub(lambda _: f"{{{next(found)}}}", text)


def test_our_texts_are_those_the_providers_have_approved() -> None:
    ours = [WORDING.sms.alert, WORDING.sms.notice]
    aliyun = approved()
    assert [by_name(aliyun[code].text) for code in ("SMS_GC_ALERT", "SMS_GC_NOTICE")] == ours
    assert [tencent.TEMPLATES[code] for code in ("1000001", "1000002")] == [*map(by_number, ours)]
    spoken = [by_name(voice.TEMPLATES[code].text) for code in ("TTS_GC_ALERT", "TTS_GC_NOTICE")]
    assert spoken == [WORDING.voice.alert, WORDING.voice.notice]


@pytest.mark.parametrize("text", [WORDING.sms.alert, WORDING.sms.notice])
def test_variables_by_number_stand_in_the_order_of_those_by_name(text: str) -> None:
    named = WORD.findall(text)
    assert named == [name for name in VARIABLES if name in named]


@pytest.mark.parametrize("length", [*range(60, 80), 133, 134, 135, 201, 202])
def test_parts_are_counted_as_the_gateway_counts_them(length: int) -> None:
    assert parts("潮" * length) == charged("潮" * length)
