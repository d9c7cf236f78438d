"""watch: findings become alerts with derived identities, and a detector that fails stands alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from types import MethodType
from typing import Any, ClassVar, cast
from uuid import UUID

import msgspec
import pytest

from services.mot.domain.account import EMPTY, Account
from services.mot.domain.detector import Detector, Finding, Step
from services.mot.domain.detectors.large_withdrawal import LargeWithdrawal
from services.mot.domain.events import FundsWithdrawn, TradingEvent
from services.mot.domain.watch import Listeners, Origin, Rules, concerned, watch
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.trading_day import Calendar, china
from tests.kit.events import (
    CLIENT,
    DAY,
    YESTERDAY,
    closed,
    moment,
    ordered,
    settled,
    snapshotted,
    ticked,
    took_back,
    withdrew,
)
from tests.kit.scenario import all_rules, play

AT, LATER = moment(DAY, "10:00"), moment(DAY, "10:01")


class Fragile(Detector[FundsWithdrawn]):
    """Speaks of every withdrawal; breaks on one of exactly 13 元, speaks no words on one of 14."""

    message_type: ClassVar = "易碎"
    action: ClassVar = "无"
    listens_to: ClassVar = (FundsWithdrawn,)

    def detect(
        self, event: FundsWithdrawn, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        words: Any = 14 if event.data.amount == 14_000 else "说"
        yield Finding(Step.RAISED, "always", words)
        if event.data.amount == 13_000:
            raise RuntimeError(f"broken on {event.subject}")


def rules(version: int = 1, **given: Any) -> Rules:
    detectors: dict[str, Detector[Any]] = {
        "fragile": Fragile(version=version),
        "large_withdrawal": LargeWithdrawal(),
    }
    return replace(Rules(detectors, china()), **given)


def test_the_identities_are_derived_from_rule_account_and_episode() -> None:
    said = play([withdrew(500_000), withdrew(500_000), took_back(900_000)], all_rules()).alerts
    id_ = alert_id("large_withdrawal", CLIENT, "2026-06-01")
    assert {alert.data.alert_id for alert in said} == {id_}
    assert id_ == UUID("7bb8f537-2aae-5c25-ac73-4da7190814c0")
    assert [alert.id for alert in said] == [
        str(revision_id(id_, "alert.raised", 1)),
        str(revision_id(id_, "alert.updated", 2)),
        str(revision_id(id_, "alert.withdrawn", 3)),
    ]


def test_a_new_version_of_a_rule_goes_on_with_the_same_alert() -> None:
    played = play([withdrew(500_000)], rules())
    newer = Rules({"large_withdrawal": LargeWithdrawal(version=2)}, china())
    (said,) = play([withdrew(500_000)], newer, played.account).alerts
    assert said.data.alert_id == alert_id("large_withdrawal", CLIENT, "2026-06-01")
    assert (said.data.revision, said.data.rule_version) == (2, 2)


def test_revisions_only_grow() -> None:
    movements: list[TradingEvent] = [
        withdrew(500_000),
        took_back(1),
        withdrew(1),
        withdrew(700_000),
        took_back(900_000),
    ]
    said = play(movements, all_rules()).alerts
    assert [alert.data.revision for alert in said] == [1, 2, 3, 4, 5]


def test_an_alert_tells_whose_it_is_what_it_means_and_what_to_do() -> None:
    (said,) = play([withdrew(500_000)], all_rules()).alerts
    assert said.type == "alert.raised"
    assert (said.source, said.subject) == ("guanchao/mot", CLIENT)
    assert (said.data.broker, said.data.account, said.data.trading_day) == ("demo", "80012345", DAY)
    assert (said.data.rule, said.data.message_type) == ("large_withdrawal", "大额出金")
    assert (said.data.module, said.data.urgency) == ("异动", "high")
    assert said.data.action
    assert said.data.happened_at == moment(DAY, "10:31:05")


def test_what_to_do_is_another_thing_once_it_is_over() -> None:
    detector = LargeWithdrawal()
    log: list[TradingEvent] = [withdrew(500_000), withdrew(500_000), took_back(900_000)]
    said = [alert.data.action for alert in play(log, all_rules()).alerts]
    assert said == [detector.action, detector.action, detector.action_after]
    assert detector.action_for(Step.CONFIRMED) == detector.action_after != detector.action


def test_what_happened_at_a_tick_happened_at_its_minute() -> None:
    log: list[TradingEvent] = [ordered(AT), snapshotted(1, LATER), ticked(moment(DAY, "10:02"))]
    raised, confirmed = play(log, all_rules()).alerts
    assert raised.data.happened_at == AT
    assert confirmed.data.happened_at == moment(DAY, "10:02")


def test_what_a_file_tells_happened_when_the_file_was_read() -> None:
    log: list[TradingEvent] = [
        settled(1, YESTERDAY, available=-60_000),
        settled(1, DAY, available=-60_000),
    ]
    (said,) = play(log, all_rules()).alerts
    assert said.data.happened_at == log[1].time


def test_the_passport_says_what_the_alert_follows_from() -> None:
    opening = settled(2_000_000, YESTERDAY)
    before = play([opening], all_rules()).account
    (said,) = watch(before, withdrew(1_000_000), all_rules(), Origin(CLIENT, 7, 1042)).alerts
    passport = said.data.passport
    assert (passport.topic, passport.partition, passport.offset) == ("futures.account.v1", 7, 1042)
    assert passport.event_id == withdrew(1_000_000).id
    assert (passport.rule_version, passport.calendar) == (1, china().version)
    assert passport.thresholds == {"limit": "5000000", "floor": "500000", "share": "0.5"}
    assert msgspec.json.decode(passport.before, type=Account) == before


def test_a_passport_is_enough_to_find_the_alert_again() -> None:
    (said,) = play([settled(2_000_000, YESTERDAY), withdrew(1_000_000)], all_rules()).alerts
    before = msgspec.json.decode(said.data.passport.before, type=Account)
    again = watch(before, withdrew(1_000_000), all_rules(), Origin(CLIENT, 0, 1)).alerts
    assert [alert.encode() for alert in again] == [said.encode()]


def test_the_same_log_says_the_same_bytes() -> None:
    log: list[TradingEvent] = [
        settled(1_000_000, YESTERDAY, available=-60_000),
        withdrew(500_000),
        ordered(AT),
        ordered(LATER, 5, "filled"),
        settled(400_000, DAY, available=-60_000),
        closed(DAY),
    ]
    first, second = play(log, all_rules()), play(log, all_rules())
    assert [a.encode() for a in first.alerts] == [a.encode() for a in second.alerts]
    assert [(a.data.rule, a.type) for a in first.alerts] == [
        ("large_withdrawal", "alert.raised"),
        ("forced_liquidation", "alert.raised"),
        ("forced_liquidation", "alert.confirmed"),
        ("consecutive_overdraft", "alert.raised"),
        ("large_withdrawal", "alert.confirmed"),
    ]


def test_a_detector_that_raises_is_counted_and_says_nothing_of_that_event() -> None:
    played = play([withdrew(13)], rules())
    assert not played.alerts
    assert [(f.rule, f.why) for f in played.failures] == [("fragile", "RuntimeError")]


def test_an_alert_that_breaks_the_contract_is_never_told() -> None:
    played = play([withdrew(14)], rules())
    assert not played.alerts
    assert [(f.rule, f.why) for f in played.failures] == [("fragile", "ValidationError")]
    assert not played.account.spoken


def test_a_detector_that_raises_is_switched_off_for_that_account_only() -> None:
    broken = play([withdrew(13)], rules()).account
    assert not play([withdrew(1)], rules(), broken).alerts
    assert play([withdrew(1)], rules(), EMPTY).alerts


def test_a_detector_that_is_switched_off_fails_once_and_is_not_asked_again() -> None:
    assert len(play([withdrew(13), withdrew(13), withdrew(13)], rules()).failures) == 1


def test_the_other_detectors_and_the_fold_go_on() -> None:
    played = play([withdrew(13), withdrew(499_987)], rules())
    assert [alert.data.rule for alert in played.alerts] == ["large_withdrawal"]
    assert played.account.days[DAY].withdrawn == 500_000_000


def test_a_new_version_of_the_rule_switches_it_on_again() -> None:
    broken = play([withdrew(13)], rules()).account
    assert play([withdrew(1)], rules(version=2), broken).alerts


def test_a_new_calendar_switches_it_on_again() -> None:
    broken = play([withdrew(13)], rules()).account
    newer = replace(china(), version="newer")
    assert play([withdrew(1)], rules(calendar=newer), broken).alerts


def test_a_failure_names_no_client() -> None:
    (failed,) = play([withdrew(13)], rules()).failures
    assert "80012345" not in repr(failed)


@pytest.mark.parametrize(
    "event",
    [
        withdrew(9_000_000, backfill=True),
        settled(1, DAY, available=-900_000, backfill=True),
        ordered(AT, backfill=True),
    ],
)
def test_history_loaded_later_raises_nothing(event: TradingEvent) -> None:
    before = play([settled(1, YESTERDAY, available=-900_000)], all_rules()).account
    assert not play([event], all_rules(), before).alerts


def test_history_loaded_later_is_remembered() -> None:
    played = play([withdrew(400_000, backfill=True), withdrew(100_000)], all_rules())
    assert [alert.type for alert in played.alerts] == ["alert.raised"]


def test_a_rehearsal_is_marked() -> None:
    (said,) = play([withdrew(500_000, rehearsal=True)], all_rules()).alerts
    assert said.data.rehearsal
    (said,) = play([withdrew(500_000)], all_rules()).alerts
    assert not said.data.rehearsal


def test_a_tick_concerns_only_accounts_with_a_live_order() -> None:
    accounts = {
        "demo:1": play([ordered(AT)], all_rules()).account,
        "demo:2": play([ordered(AT, 5, "filled")], all_rules()).account,
        "demo:3": play([withdrew(1)], all_rules()).account,
        "demo:4": play([ordered(AT)], all_rules()).account,
    }
    assert list(concerned(ticked(LATER), accounts, 1)) == ["demo:1", "demo:4"]
    assert list(concerned(ticked(LATER), accounts, 0)) == ["demo:feed", "demo:1", "demo:4"]


def test_a_days_close_concerns_every_account_in_a_fixed_order() -> None:
    accounts = dict.fromkeys(("demo:3", "demo:1", "demo:2"), EMPTY)
    assert list(concerned(closed(), accounts, 0)) == ["demo:3", "demo:1", "demo:2"]


def test_what_was_said_long_ago_is_forgotten() -> None:
    days = [DAY, DAY + timedelta(days=60), DAY + timedelta(days=61)]
    account = play([withdrew(500_000, day) for day in days[:2]], all_rules()).account
    assert len(account.spoken) == 2
    account = play([withdrew(500_000, days[2])], all_rules(), account).account
    assert [s.day for s in account.spoken.values()] == days[1:]


def test_each_rule_hears_only_what_it_listens_to() -> None:
    listeners = all_rules().listeners
    assert [name for name, _ in heard(listeners, FundsWithdrawn)] == ["large_withdrawal"]
    assert bound(listeners) == bound(all_rules().listeners)


def bound(listeners: Listeners) -> dict[type[Any], list[tuple[str, Any]]]:
    """Return whose method each listener is: two methods are the same only of one detector."""
    return {
        type_: [(n, cast(MethodType, d).__self__) for n, d in heard(listeners, type_)]
        for type_ in listeners
    }


def heard(listeners: Listeners, type_: type[Any]) -> list[tuple[str, Any]]:
    """Return the listeners to a type of event, in the order in which they are asked."""
    return [one for family in listeners[type_] for one in family.members]


def test_a_detector_must_say_how_it_detects() -> None:
    with pytest.raises(NotImplementedError):
        Detector[Any]().detect(withdrew(1), EMPTY, EMPTY, china())


def test_a_rehearsed_withdrawal_does_not_hide_the_real_one() -> None:
    said = play([withdrew(500_000, rehearsal=True), withdrew(500_000)], all_rules()).alerts
    assert [(a.type, a.data.rehearsal) for a in said if not a.data.rehearsal] == [
        ("alert.raised", False)
    ]


def test_the_end_of_a_rehearsed_order_is_marked_too() -> None:
    log: list[TradingEvent] = [
        ordered(AT, rehearsal=True),
        snapshotted(1, LATER, rehearsal=True),
        ticked(LATER),
    ]
    assert all(alert.data.rehearsal for alert in play(log, all_rules()).alerts)


def test_an_order_of_loaded_history_is_not_ended_by_a_live_tick() -> None:
    log: list[TradingEvent] = [ordered(AT, backfill=True), snapshotted(1, LATER), ticked(LATER)]
    assert not play(log, all_rules()).alerts


def test_what_was_never_told_is_not_withdrawn() -> None:
    log: list[TradingEvent] = [withdrew(500_000, backfill=True), took_back(1)]
    assert not play(log, all_rules()).alerts


def test_the_first_word_of_an_alert_is_raised() -> None:
    old = play([withdrew(500_000)], Rules({}, china())).account
    (said,) = play([withdrew(500_000)], all_rules(), old).alerts
    assert (said.type, said.data.revision) == ("alert.raised", 1)


@pytest.mark.parametrize("event", [ticked(LATER, broker="other"), closed(broker="other")])
def test_another_brokers_clock_concerns_nobody_here(event: TradingEvent) -> None:
    accounts = {CLIENT: play([ordered(AT)], all_rules()).account}
    assert not list(concerned(event, accounts, 1))
