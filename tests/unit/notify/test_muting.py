from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.notify.domain.decide import decide, settle
from services.notify.domain.decision import Send, Suppress
from services.notify.domain.muting import Before, Muting, Quieting, Silence, muted
from shared.contracts.alerts import AlertEvent, Urgency
from tests.kit.alerts import (
    ACCOUNT,
    BROKER,
    MOMENT,
    POLICY,
    amended,
    history,
    raised,
    updated,
    withdrawn,
)

MINUTE = timedelta(minutes=1)
SILENCE = Silence(7, BROKER, MOMENT - MINUTE, MOMENT + MINUTE, "系统切换", "cli:ops")
USAGE: dict[str, Any] = {"rule": "margin_usage", "urgency": "middle"}
QUIETING = POLICY.quieting


def told(rule: str, urgency: Urgency = Urgency.MIDDLE, ago: timedelta = MINUTE) -> Before:
    return Before(rule, urgency, date(2026, 6, 1), MOMENT - ago)


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        ({"account": ACCOUNT}, True),
        ({"account": "80099999"}, False),
        ({"rule": "large_withdrawal"}, True),
        ({"rule": "margin_usage"}, False),
        ({"manager": "m001"}, True),
        ({"manager": "m002"}, False),
        ({"account": ACCOUNT, "manager": "m002"}, False),
        ({"account": ACCOUNT, "broker": "other"}, False),
        ({"account": ACCOUNT, "begin": MOMENT}, True),
        ({"account": ACCOUNT, "until": MOMENT}, False),
        ({"account": ACCOUNT, "begin": MOMENT + MINUTE}, False),
    ],
)
def test_what_a_silence_covers(given: dict[str, Any], covered: bool) -> None:
    silence = replace(SILENCE, **given)
    assert silence.covers(raised().data, "m001", MOMENT) is covered


def test_a_silence_keeps_even_the_urgent_quiet_and_is_named() -> None:
    quiet = history(muting=Muting((replace(SILENCE, rule="large_withdrawal"),)))
    expected = (Suppress("silenced", by="silence 7"),)
    assert decide(raised(), POLICY, quiet, MOMENT) == expected
    assert isinstance(decide(raised(), POLICY, quiet, MOMENT + MINUTE)[0], Send)


@pytest.mark.parametrize(
    ("event", "before", "reason"),
    [
        (raised(**USAGE), [told("forced_liquidation")], "inhibited"),
        (updated(**USAGE), [told("forced_liquidation")], "inhibited"),
        (withdrawn(**USAGE), [told("forced_liquidation")], None),
        (amended(**USAGE), [told("forced_liquidation")], None),
        (raised(), [told("forced_liquidation")], None),
        (raised(**USAGE, trading_day="2026-06-02"), [told("forced_liquidation")], None),
        (raised(**USAGE), [told("margin_usage")], "repeat-interval"),
        (raised(**USAGE), [told("margin_usage", ago=30 * MINUTE)], None),
        (raised(**USAGE), [told("margin_usage", ago=-MINUTE)], None),
        (raised(rule="margin_usage"), [told("margin_usage")], None),
        (updated(**USAGE), [told("margin_usage")], None),
        (raised(), [told("large_withdrawal")], None),
        (raised(**USAGE), [], None),
    ],
)
def test_what_was_told_before_may_make_it_no_news(
    event: AlertEvent, before: list[Before], reason: str | None
) -> None:
    found = muted(event, QUIETING, Muting(before=tuple(before)), "m001", MOMENT)
    assert (found.reason if found else None) == reason


def test_an_inhibited_alert_that_is_withdrawn_was_never_told() -> None:
    quiet = history(muting=Muting(before=(told("forced_liquidation"),)))
    (one,) = settle([raised(**USAGE)], POLICY, quiet, MOMENT)
    assert one.decisions == (Suppress("inhibited", by="forced_liquidation"),)
    (two,) = settle([withdrawn(**USAGE)], POLICY, quiet, MOMENT)
    assert two.decisions == (Suppress("never-told"),)


def test_only_rules_that_matter_are_remembered() -> None:
    assert QUIETING.looks_back("forced_liquidation")
    assert QUIETING.looks_back("margin_usage")
    assert [QUIETING.depends(r) for r in ("margin_call", "margin_usage", "large_deposit")] == [
        True,
        True,
        False,
    ]
    assert not QUIETING.looks_back("large_deposit")
    assert not Quieting({}, {}).looks_back("margin_usage")
