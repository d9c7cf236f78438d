"""An alert is derived again from its passport, byte for byte, and a change of anything is seen."""

import json
from typing import Any

import pytest

from services.mot.domain.account import EMPTY
from services.mot.domain.passport import event_of, event_text
from services.mot.domain.stored import OtherLayout, state_of, state_text
from services.mot.domain.watch import Origin, Rules, watch
from services.mot.replay import CannotReplay, derive, differences, origin_of
from services.mot.rules import detector_of, read_rules
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.kernel.trading_day import china
from tests.kit.events import (
    DAY,
    TOMORROW,
    YESTERDAY,
    baselined,
    closed,
    deposited,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    took_back,
    withdrew,
)
from tests.kit.scenario import play

LOG = (
    baselined(YESTERDAY.replace(year=2019)),
    settled(1_000_000, YESTERDAY),
    deposited(6_000_000),
    withdrew("5000000.125"),
    withdrew(2_000_000),
    took_back(2_000_000),
    ordered(moment(DAY, "10:00")),
    ordered(moment(DAY, "10:05"), filled=2, status="partly-filled"),
    snapshotted(100, moment(DAY, "10:10")),
    ticked(moment(DAY, "10:11")),
    settled(900_000, DAY, available=-200_000),
    closed(DAY),
    settled(800_000, TOMORROW, available=-300_000),
    closed(TOMORROW),
)


def told(rules: Rules | None = None) -> list[AlertEvent]:
    played = play(LOG, rules or read_rules())
    assert not played.failures
    return played.alerts


def wire(alert: AlertEvent) -> AlertEvent:
    """Return the alert as it is read from the topic."""
    return ALERTS.validate_json(alert.encode())


def altered(alert: AlertEvent, **passport: Any) -> AlertEvent:
    body = json.loads(alert.encode())
    body["data"]["passport"] |= passport
    return ALERTS.validate_python(body)


@pytest.mark.parametrize("event", LOG, ids=lambda event: type(event).__name__)
def test_an_event_reads_back_from_its_text(event: Any) -> None:
    assert event_of(event_text(event)) == event
    assert event_text(event_of(event_text(event))) == event_text(event)


def test_a_state_reads_back_from_its_text() -> None:
    account = play(LOG, read_rules()).account
    assert state_of(state_text(account)) == account
    assert state_of(state_text(EMPTY)) == EMPTY


def test_a_newer_states_text_is_refused() -> None:
    with pytest.raises(OtherLayout, match="999"):
        state_of("[999]")


def test_every_alert_of_a_log_is_derived_again_from_its_passport() -> None:
    alerts = told()
    assert len({alert.data.rule for alert in alerts}) >= 3
    assert {alert.type for alert in alerts} >= {"alert.raised", "alert.updated"}
    for alert in alerts:
        derived = derive(wire(alert), china())
        assert derived is not None
        assert derived.encode() == alert.encode()


def test_other_thresholds_are_in_the_passport_and_not_taken_from_the_file() -> None:
    shipped = read_rules()
    low = detector_of("large_withdrawal", {"limit": "1", "version": 9, "urgency": "low"})
    alerts = told(Rules({**shipped.detectors, "large_withdrawal": low}, shipped.calendar))
    mine = [alert for alert in alerts if alert.data.rule == "large_withdrawal"]
    assert mine
    for alert in mine:
        derived = derive(wire(alert), china())
        assert derived is not None
        assert derived.encode() == alert.encode()


def test_a_rehearsals_alert_is_derived_in_its_own_memory() -> None:
    event = withdrew(6_000_000, rehearsal=True)
    (alert,) = watch(EMPTY, event, read_rules(), Origin("~demo:80012345", 3, 7)).alerts
    assert origin_of(wire(alert)) == Origin("~demo:80012345", 3, 7)
    derived = derive(wire(alert), china())
    assert derived is not None
    assert derived.encode() == alert.encode()


def test_another_threshold_derives_something_else_and_the_field_is_named() -> None:
    alert = next(a for a in told() if a.data.rule == "large_withdrawal")
    limits = {**alert.data.passport.thresholds, "limit": "400000"}
    derived = derive(altered(alert, thresholds=limits), china())
    assert derived is not None
    named = {found.field for found in differences(alert.encode(), derived.encode())}
    assert "data.passport.thresholds.limit" in named
    assert "data.facts.警戒线" in named


def test_a_threshold_that_is_not_reached_derives_nothing() -> None:
    alert = next(a for a in told() if a.data.rule == "large_withdrawal")
    limits = {**alert.data.passport.thresholds, "limit": "9000000", "floor": "9000000"}
    assert derive(altered(alert, thresholds=limits), china()) is None


@pytest.mark.parametrize(
    ("passport", "why"),
    [
        ({"event": None}, "no event"),
        ({"calendar": "another"}, "another"),
        ({"before": "[999]"}, "999"),
        ({"thresholds": {"limt": "1"}}, "limt"),
        ({"event": "{}"}, "cannot read"),
    ],
)
def test_what_the_passport_lacks_is_named(passport: dict[str, Any], why: str) -> None:
    alert = next(a for a in told() if a.data.rule == "large_withdrawal")
    with pytest.raises(CannotReplay, match=why):
        derive(altered(alert, **passport), china())


def test_a_difference_inside_the_state_is_named_by_its_place() -> None:
    alert = next(a for a in told() if a.data.rule == "large_withdrawal")
    state = json.loads(alert.data.passport.before)
    state[2] = 123
    (found,) = differences(
        alert.encode(), altered(alert, before=json.dumps(state, separators=(",", ":"))).encode()
    )
    assert found.field == "data.passport.before[2]"
    assert found.derived == 123
