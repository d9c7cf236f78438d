"""Scripted faults: which call they take, in which order, and how often."""

from typing import Any

import pytest
from pydantic import ValidationError

from deploy.sandbox.faults import Fault, Faults, Plan


def scripted(*said: dict[str, Any]) -> Faults:
    faults = Faults()
    faults.add([Fault.model_validate(one) for one in said])
    return faults


def kinds(faults: Faults, calls: int, channel: str = "wecom", to: str = "m001") -> list[str]:
    taken = (faults.take(channel, [to]).fault for _ in range(calls))
    return [fault.fault if fault else "-" for fault in taken]


def test_a_fault_spoils_as_many_calls_as_it_says() -> None:
    faults = scripted({"fault": "close", "times": 2})
    assert kinds(faults, 3) == ["close", "close", "-"]
    assert faults.remaining() == []


def test_the_nth_fitting_call_is_the_one() -> None:
    faults = scripted({"fault": "close", "match": {"nth": 3, "to": "m001"}})
    assert kinds(faults, 1, to="m002") == ["-"]
    assert kinds(faults, 4) == ["-", "-", "close", "-"]


@pytest.mark.parametrize(
    ("match", "channel", "to", "fits"),
    [
        ({}, "wecom", "m001", True),
        ({}, "sms", "13812345678", True),
        ({}, "token", "", False),
        ({"channel": "token"}, "token", "", True),
        ({"channel": "sms"}, "wecom", "m001", False),
        ({"to": "M001"}, "wecom", "m001", True),
        ({"to": "m002"}, "wecom", "m001", False),
    ],
)
def test_a_fault_fits_by_channel_and_receiver(
    match: dict[str, str], channel: str, to: str, fits: bool
) -> None:
    faults = scripted({"fault": "close", "match": match})
    assert (faults.take(channel, [to]).fault is not None) == fits


def test_latencies_add_up_and_let_another_fault_follow() -> None:
    faults = scripted(
        {"fault": "latency", "value": 1},
        {"fault": "latency", "value": 0.5},
        {"fault": "status", "value": 503},
    )
    plan = faults.take("wecom", ["m001"])
    assert plan.wait == 1.5
    assert plan.fault is not None
    assert plan.fault.value == 503
    assert faults.take("wecom", ["m001"]) == Plan()


def test_the_first_of_two_fitting_faults_is_taken_and_the_second_waits() -> None:
    faults = scripted({"fault": "close"}, {"fault": "garbage"})
    assert kinds(faults, 3) == ["close", "garbage", "-"]


def test_what_remains_is_told() -> None:
    faults = scripted({"fault": "errcode", "value": 45009, "times": 3, "match": {"to": "m001"}})
    faults.take("wecom", ["m001"])
    assert faults.remaining() == [
        {
            "fault": "errcode",
            "value": 45009,
            "times": 2,
            "seen": 1,
            "match": {"to": "m001", "nth": 1},
        }
    ]
    faults.clear()
    assert kinds(faults, 1) == ["-"]


@pytest.mark.parametrize(
    "said",
    [
        {"fault": "explode"},
        {"fault": "status"},
        {"fault": "status", "value": 200},
        {"fault": "status", "value": "503"},
        {"fault": "latency"},
        {"fault": "latency", "value": -1},
        {"fault": "latency", "value": 601},
        {"fault": "latency", "value": float("nan")},
        {"fault": "accept-then-wait"},
        {"fault": "errcode"},
        {"fault": "errcode", "value": 1.5},
        {"fault": "close", "times": 0},
        {"fault": "close", "match": {"nth": 0}},
        {"fault": "close", "match": {"chanel": "wecom"}},
        {"fault": "close", "unknown": 1},
    ],
)
def test_a_script_that_would_never_happen_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(said)
