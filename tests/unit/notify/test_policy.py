import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.notify.domain.channels import catalogue
from services.notify.domain.policy import Policy
from services.notify.policy import SHIPPED, WrongPolicy, read_policy
from shared.contracts.alerts import Urgency

TAKEN = {
    ("wecom_app", 60): 30,
    ("wecom_app", 3600): 1000,
    ("wecom_robot", 60): 20,
    ("dingtalk_robot", 60): 20,
    ("feishu_robot", 1): 5,
    ("feishu_robot", 60): 100,
    ("aliyun_sms", 86400): 50,
    ("tencent_sms", 86400): 50,
    ("aliyun_voice", 60): 1,
    ("aliyun_voice", 3600): 5,
    ("aliyun_voice", 86400): 20,
}
"""Channel and seconds → what its provider takes for one person or group in so long."""


@pytest.mark.parametrize(("channel", "seconds"), TAKEN)
def test_no_receiver_is_sent_more_than_the_provider_takes(channel: str, seconds: int) -> None:
    own = [w for w in read_policy().budgets[channel] if w.per != "channel"]
    (window,) = (w for w in own if w.seconds == seconds)
    assert window.most(Urgency.MIDDLE) <= window.most(Urgency.HIGH) <= TAKEN[channel, seconds]


def test_every_channel_has_its_budget() -> None:
    assert read_policy().budgets.keys() == catalogue().keys()
    assert all(windows for windows in read_policy().budgets.values())


def test_the_shipped_policy_is_the_products() -> None:
    policy = read_policy()
    assert policy.channels == {
        Urgency.HIGH: ("wecom_app", "aliyun_sms"),
        Urgency.MIDDLE: ("wecom_app",),
        Urgency.LOW: ("wecom_app",),
    }
    minute, hour, together, day = policy.budgets["wecom_app"]
    assert (minute.per, minute.seconds, minute.limit, minute.reserve) == ("receiver", 60, 20, 28)
    assert (hour.per, hour.seconds, hour.reserve) == ("receiver", 3600, 1000)
    assert (together.per, together.seconds) == ("channel", 60)
    assert (day.per, day.seconds) == ("channel", 86400)
    assert [w.reserve for w in policy.budgets["aliyun_sms"]] == [50]
    assert policy.relation_wait_seconds == 5
    assert policy.desk_role == "risk"
    assert policy.quiet_hours.urgencies == {Urgency.MIDDLE, Urgency.LOW}


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("aliyun_sms]", "carrier_pigeon]", "carrier_pigeon"),
        ("  low: [wecom_app]\n", "", "low"),
        ("desk_role: risk", "desk_roll: risk", "desk_roll"),
        ("reserve: 28", "reserve: 19", "reserve"),
        ("per: channel", "per: planet", "per"),
        ("  wecom_app:\n", "  carrier_pigeon:\n", "carrier_pigeon"),
        ('begin: "22:00"', 'begin: "25:00"', "begin"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    wrong = tmp_path / "policy.yaml"
    wrong.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(WrongPolicy, match=re.escape(named)) as refused:
        read_policy(wrong)
    assert str(wrong) in str(refused.value)


@pytest.mark.parametrize("content", [None, "a: [", "", "- 1"])
def test_a_file_that_is_none_is_named(tmp_path: Path, content: str | None) -> None:
    wrong = tmp_path / "policy.yaml"
    if content is not None:
        wrong.write_text(content)
    with pytest.raises(WrongPolicy, match=re.escape(str(wrong))):
        read_policy(wrong)


def test_a_policy_cannot_be_changed() -> None:
    policy: Policy = read_policy()
    with pytest.raises(ValidationError):
        policy.desk_role = "nobody"  # type: ignore[misc]  # the point of the test
