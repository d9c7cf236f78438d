"""The verdict of notify's own rows finds what is planted."""

from typing import Any

import pytest

from tests.fault.told import Message, judged

WECOM: Message = ("0A1B2C3D", 1, "wecom", "m1")
SMS: Message = ("0A1B2C3D", 1, "sms", "13800000001")
LATER: Message = ("0A1B2C3D", 2, "wecom", "m1")
ZEROS = {"lost": 0, "phantom": 0, "told_twice": 0, "inversions": 0}


def entry(message: Message, outcome: str = "delivered") -> dict[str, Any]:
    code, revision, channel, to = message
    return {"channel": channel, "to": to, "text": f"大额出金 {code}-{revision}", "outcome": outcome}


@pytest.mark.parametrize(
    ("journal", "found"),
    [
        ([WECOM, SMS, LATER], {}),
        ([WECOM, SMS, SMS, LATER], {"sms_repeated": 1}),
        ([WECOM, SMS, SMS, SMS, LATER], {"told_twice": 1}),
        ([WECOM, WECOM, SMS, LATER], {"told_twice": 1}),
        ([WECOM, LATER], {"lost": 1}),
        ([WECOM, SMS, LATER, ("FFFFFFFF", 1, "wecom", "m1")], {"phantom": 1}),
        ([SMS, WECOM, LATER, (*SMS[:3], "13900000009")], {"phantom": 1}),
        ([LATER, WECOM, SMS], {"inversions": 1}),
    ],
)
def test_what_is_planted_is_counted(journal: list[Message], found: dict[str, int]) -> None:
    counted = judged([entry(message) for message in journal], {WECOM, SMS, LATER}, set())
    assert counted.items() >= (ZEROS | found).items()


def test_what_the_gateway_did_not_take_or_dropped_as_a_duplicate_is_not_told() -> None:
    journal = [entry(WECOM), entry(WECOM, "duplicate"), entry(SMS, "faulted"), entry(LATER)]
    counted = judged(journal, {WECOM, SMS, LATER}, set())
    assert counted.items() >= (ZEROS | {"lost": 1, "wecom_suppressed": 1}).items()


def test_an_sms_that_notify_says_it_cannot_know_of_is_reported_and_not_lost() -> None:
    counted = judged([entry(WECOM), entry(LATER)], {WECOM, SMS, LATER}, {SMS[:2]})
    assert counted.items() >= (ZEROS | {"sms_unconfirmed": 1}).items()
