"""敏感词: what an operator would stop goes in plain words, and the word stands nowhere."""

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.notify.composing import composed, shipped
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.words import in_plain_words, read
from tests.kit.alerts import POLICY
from tests.unit.notify.test_wecom_forms import SAID

SMS = AliyunSms(access_key_id="i", access_key_secret=SecretStr("x"), sign_name="观潮")
WECOM = WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x"))
WORDS = read("# the list\n 配 资 \nVIP群 # a group\n\n")
CHARGED = POLICY.wording.sms
SLY = replace(SAID, summary="疑似场外配资出金")


def parameters(body: str) -> dict[str, str]:
    said: dict[str, str] = json.loads(parse_qs(body)["TemplateParam"][0])
    return said


@pytest.mark.parametrize(
    ("text", "stopped"),
    [("场外配资", True), ("配 资", True), ("加入vip群", True), ("资配", False), ("", False)],
)
def test_a_word_is_found_whatever_stands_between(text: str, stopped: bool) -> None:
    assert WORDS.stop(text) is stopped


@pytest.mark.parametrize(
    "said",
    [
        replace(SAID, summary="场外配资"),
        replace(SAID, action="配资"),
        replace(SAID, client="配资公司"),
        replace(SAID, facts=(("配资", "520万"),)),
    ],
)
def test_wherever_it_stands_the_message_says_only_that_there_is_one(said: object) -> None:
    plain, reworded = in_plain_words(said, WORDS)  # type: ignore[arg-type]  # of replace()
    assert reworded
    assert "配资" not in f"{plain.client}{plain.summary}{plain.action}{plain.facts}"
    assert (plain.title, plain.code, plain.links) == (SAID.title, SAID.code, SAID.links)


def test_what_is_harmless_stays_as_it_is() -> None:
    assert in_plain_words(SAID, WORDS) == (SAID, False)
    assert in_plain_words(SAID, shipped()) == (SAID, False)


def test_an_sms_is_reworded_and_the_log_names_the_reason_and_not_the_word() -> None:
    with capture_logs() as logged:
        said = parameters(composed("aliyun_sms", SMS, SLY, CHARGED).body)
    assert said["summary"] == "有一条提醒"
    assert said["code"] == SAID.code
    assert [line["reason"] for line in logged] == ["sensitive-word"]
    assert "配资" not in str(logged)


def test_no_operator_reads_a_wecom_message() -> None:
    assert "配资" in composed("wecom_app", WECOM, SLY, CHARGED).body


def test_the_list_is_never_printed() -> None:
    assert "配资" not in repr(WORDS)
