"""模板: what a type says where, and which files are refused at the start."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from services.notify.composing import composed
from services.notify.domain.lengths import cut, fitted, parts
from services.notify.domain.sms import variables
from services.notify.domain.wording import word
from services.notify.policy import WORDED, WrongPolicy, read_templates
from shared.contracts.alerts import AlertEvent
from tests.kit.alerts import FACTS, MANAGER, POLICY, alert, raised
from tests.unit.notify.test_wecom_forms import SAID
from tests.unit.notify.test_wording import INTENT, SIGNER, SMS, WECOM, ZHANG

WORDING = POLICY.wording
USUAL = WORDING.types["大额出金"].example.action


def said_by(channel: str, event: AlertEvent) -> tuple[str, str]:
    links = SIGNER.links(str(event.data.alert_id), MANAGER.staff_id)
    said = word(event, ZHANG, MANAGER, links, INTENT)
    worded = WORDING.worded(said, event.type, channel)
    return worded.summary, worded.action


@pytest.mark.parametrize("kind", ["raised", "updated"])
def test_a_channel_with_less_room_says_it_shorter(kind: str) -> None:
    event = alert(kind, 1, action=USUAL)
    short = ("今日累计出金500万元，警戒线500万元", "请联系挽留。")
    assert said_by("aliyun_sms", event) == said_by("tencent_sms", event) == short
    assert said_by("wecom_app", event) == (event.data.summary, USUAL)


@pytest.mark.parametrize("kind", ["confirmed", "amended", "withdrawn"])
def test_what_became_of_it_is_told_in_the_alerts_own_words(kind: str) -> None:
    event = alert(kind, 2, action=USUAL)
    assert said_by("aliyun_sms", event) == (event.data.summary, USUAL)


def test_an_alert_without_a_figure_that_is_named_speaks_for_itself() -> None:
    event = raised(action=USUAL, facts={k: v for k, v in FACTS.items() if k != "警戒线"})
    assert said_by("aliyun_sms", event) == (event.data.summary, USUAL)


def test_an_action_that_is_not_the_usual_one_is_kept() -> None:
    assert said_by("aliyun_sms", raised(action="请先报风控。"))[1] == "请先报风控。"


def test_a_type_that_the_catalogue_does_not_know_speaks_for_itself() -> None:
    event = raised(message_type="自定")
    assert said_by("aliyun_sms", event) == (event.data.summary, event.data.action)


def test_figures_may_be_shown_in_another_order() -> None:
    event = raised(
        message_type="强平通知",
        facts=dict(WORDING.types["强平通知"].example.facts),
    )
    links = SIGNER.links(str(event.data.alert_id), MANAGER.staff_id)
    said = word(event, ZHANG, MANAGER, links, INTENT)
    shown = [name for name, _ in WORDING.worded(said, event.type, "wecom_app").facts]
    assert shown == ["剩余手数", "合约", "买卖", "原因", "可用资金", "委托/已成"]


PLANTED = [
    ("  most: 3", "  at_most: 3", "sms.at_most"),
    ("sms: {action: 请电话回访。}", "smoke: {action: 请电话回访。}", "types.首次入金.smoke"),
    ("{今日累计}，警戒线", "{本日累计}，警戒线", "本日累计"),
    ("出金{今日累计}，警戒线", "出金{今日累计:>99}，警戒线", "今日累计"),
    ("action: 请联系挽留。}", "action: 请尽快联系客户了解原因并挽留。}", "types.大额出金.sms: 72"),
    ("  公司公告:", "  公司通告:", "公司通告"),
    ("激活周: 第12周", "激活: 第12周", "types.沉默客户.example.facts"),
    ('"{title}：{summary}。{action}{code}"', '"{title}：{sum}"', "sms.notice"),
    ('ending: "" ', "ending: 拒收请回复R退订", "types."),
    ("summary: 风险度199.99%，须追加保证金", f"summary: {'很长' * 60}", "types.追加保证金.wecom"),
]


@pytest.mark.parametrize(("old", "new", "place"), PLANTED)
def test_a_mistake_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, place: str
) -> None:
    text = WORDED.read_text(encoding="utf-8")
    assert old in text
    wrong = tmp_path / "templates.yaml"
    wrong.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(WrongPolicy) as refused:
        read_templates(wrong)
    assert str(wrong) in str(refused.value)
    assert place in str(refused.value)


@pytest.mark.parametrize("content", [None, "a: [", "", "- 1"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str | None) -> None:
    wrong = tmp_path / "templates.yaml"
    if content is not None:
        wrong.write_text(content)
    with pytest.raises(WrongPolicy, match=r"templates\.yaml"):
        read_templates(wrong)


def test_a_longer_sign_is_counted_too() -> None:
    with pytest.raises(WrongPolicy, match="【一家名字很长的期货公司】"):
        read_templates(signs=("观潮", "一家名字很长的期货公司"))


def test_the_file_says_nothing_twice() -> None:
    table = yaml.safe_load(WORDED.read_text(encoding="utf-8"))
    for name, template in table["types"].items():
        for family in template.keys() - {"example"}:
            for field in ("summary", "action"):
                assert template[family].get(field) != template["example"][field], name


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_message_never_costs_more_than_its_parts(most: int) -> None:
    sms = WORDING.sms.model_copy(update={"most": most})
    long = replace(SAID, summary="很长的话" * 60, action="请" * 200)
    shown = composed("aliyun_sms", SMS, long, sms)
    assert shown.sms_parts == most
    assert shown.body == composed("aliyun_sms", SMS, sms.within(long, "观潮"), sms).body
    short = composed("aliyun_sms", SMS, SAID, sms)
    assert short.sms_parts == 1
    assert composed("wecom_app", WECOM, long, sms).sms_parts is None


def test_the_ending_is_counted() -> None:
    said = variables(replace(SAID, summary="话" * 33, action="请办。"))
    usual = WORDING.sms
    ending = usual.model_copy(update={"ending": "拒收请回复R"})
    assert parts(usual.text("观潮", said)) == 1
    assert parts(ending.text("观潮", said)) == 2
    assert ending.text("观潮", said).endswith("拒收请回复R")


@pytest.mark.parametrize("limit", range(1, 40))
def test_a_figure_is_whole_or_absent(limit: int) -> None:
    text = "权益-99,999,999.99元，占12.5%，自2026-06-30起，剩余20个交易日"
    figures = ("-99,999,999.99元", "12.5%", "2026-06-30", "20个")
    shown = cut(text, limit)
    assert len(shown) <= limit
    left = shown.removesuffix("…")
    for figure in figures:
        left = left.replace(figure, "")
    assert not any(character.isdigit() for character in left), shown
    by_bytes = fitted(text, "·尾", 3 * limit + 10)
    assert len(by_bytes.encode()) <= 3 * limit + 10
    for figure in figures:
        by_bytes = by_bytes.replace(figure, "")
    assert not any(character.isdigit() for character in by_bytes), by_bytes


def test_the_approved_texts_name_only_what_is_given() -> None:
    for text in (WORDING.sms, WORDING.voice):
        for said in (SAID, replace(SAID, account="")):
            assert "{" not in text.filled(variables(said))
