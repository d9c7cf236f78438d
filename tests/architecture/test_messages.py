"""The catalogue of messages is complete, and it is what the code says."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from services.mot.domain.detectors import catalogue
from services.mot.rules import SHIPPED, read_rules
from services.notify.domain.wecom_forms import ITEMS, KEY_NAME
from shared.contracts.alerts import Module, Urgency
from shared.contracts.messages import CHANNELS, SOURCES, messages, of_rule, read
from shared.contracts.topics import ALERT, PUBLIC

ROOT = Path(__file__).parents[2]
SERVICES = {"ingest", "mot", "leads", "notify", "profile"}
LINE = "提醒: {甲: {english: A, urgency: low, fields: [乙]%s}}"
KNOWN = {(topic.owner, topic.name, type_) for topic in PUBLIC for type_ in topic.types}


def test_there_are_thirty_four_in_three_modules() -> None:
    every = messages()
    assert len({message.name for message in every}) == len(every) == 34
    assert len({message.english for message in every}) == 34
    assert {message.module for message in every} == set(Module)


def test_each_rule_makes_one_message_and_each_message_of_mot_has_its_rule() -> None:
    rules = [message.rule for message in messages() if message.rule]
    assert sorted(rules) == sorted(catalogue()) == sorted(yaml.safe_load(SHIPPED.read_bytes()))
    assert {m.fact for m in messages() if m.rule} == {("mot", ALERT.name, "alert.raised", "")}


def test_no_two_messages_are_made_from_the_same() -> None:
    made = [(message.fact, message.rule) for message in messages()]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("rule", catalogue())
def test_a_detector_and_the_catalogue_say_the_same(rule: str) -> None:
    message, detector = of_rule(rule), catalogue()[rule]
    assert (message.name, message.module) == (detector.message_type, detector.module)
    for urgency in (detector().urgency, read_rules().detectors[rule].urgency):
        assert message.urgency is urgency
    heading = (
        (ROOT / "docs" / "runbooks" / f"{rule}.md").read_text(encoding="utf-8").splitlines()[0]
    )
    assert heading == f"# {message.name} {message.english} · `{rule}`"


def test_what_is_told_has_a_fact_that_exists_and_what_is_not_has_none_yet() -> None:
    for message in messages():
        assert message.produced is (message.fact[:3] in KNOWN), message.name
        assert message.fact.owner in SERVICES
        assert message.produced or message.rule is None


def test_a_fact_is_of_its_owners_topic() -> None:
    owners = {topic.name: topic.owner for topic in PUBLIC}
    for message in messages():
        assert owners.get(message.fact.topic, message.fact.owner) == message.fact.owner


def test_the_default_channels_are_those_of_the_policy_that_ships() -> None:
    policy = yaml.safe_load((ROOT / "services" / "notify" / "policy.yaml").read_bytes())
    assert {urgency.value: list(channels) for urgency, channels in CHANNELS.items()} == policy[
        "channels"
    ]
    for message in messages():
        assert message.channels == CHANNELS[message.urgency] != ()


def test_a_card_has_room_for_every_field() -> None:
    """The first one is the card's large figure; the names of the others are not cut."""
    for message in messages():
        assert len(message.fields) <= ITEMS, message.name
        assert [name for name in message.fields[1:] if len(name) > KEY_NAME] == [], message.name


def test_every_source_is_one_that_named_something() -> None:
    named = [name for message in messages() for name in message.named_by]
    assert set(named) == set(SOURCES)


@pytest.mark.parametrize(
    "name",
    [
        "大额出金",
        "连续透支",
        "强平通知",
        "大额亏损",
        "临近休眠",
        "返还公式到期",
        "特殊品种可开通",
        "业务办理进度",
    ],
)
def test_what_the_product_pages_name_is_marked_so(name: str) -> None:
    (message,) = (message for message in messages() if message.name == name)
    assert "000" in message.named_by


def test_a_line_is_read_with_its_module_and_fact() -> None:
    (message,) = read(LINE % ", fact: leads leads.lead.v1 lead.assigned, produced: false")
    assert (message.module, message.urgency) == (Module.REMINDER, Urgency.LOW)
    assert message.fact == ("leads", "leads.lead.v1", "lead.assigned", "")
    assert not message.produced


@pytest.mark.parametrize(
    "planted", [", colour: red", ", fields: []", ", fact: leads only", ", urgency: huge"]
)
def test_a_planted_wrong_line_is_refused(planted: str) -> None:
    with pytest.raises((ValidationError, TypeError)):
        read(LINE % planted)
