"""数据中断: five minutes without a record of a source, within one trading segment."""

from datetime import timedelta

import pytest

from services.mot.domain.detectors.feed_silence import FeedSilence
from services.mot.domain.events import ClockTicked
from services.mot.domain.watch import Origin, concerned, watch
from shared.contracts.alerts import FEED
from tests.kit.events import BROKER, DAY, moment, ticked, withdrew
from tests.kit.scenario import Scenario, happened, steps

rule = Scenario(FeedSilence())
INSTANT = timedelta(microseconds=1)


def tick(at: str, last: str, source: str = "stream") -> ClockTicked:
    return ticked(moment(DAY, at), heard={source: moment(DAY, last)})


silent = rule.given(tick("10:36", "10:31"))


def test_five_minutes_count_and_an_instant_less_does_not() -> None:
    assert steps(rule.when(tick("10:36", "10:31"))) == ["raised"]
    assert not rule.when(tick("10:36", "10:31:00.000001"))


@pytest.mark.parametrize(
    ("at", "last", "speaks"),
    [
        ("09:04", "02:29", False),  # four minutes into the day
        ("09:05", "02:29", True),
        ("10:14", "09:00", True),
        ("10:15", "09:00", False),  # the pause has begun
        ("10:34", "10:14", False),  # after a pause the five minutes begin again
        ("10:35", "10:14", True),
        ("11:30", "10:31", False),
        ("13:35", "11:29", True),
        ("14:59", "14:54", True),
        ("15:00", "13:30", False),
        ("20:59", "14:59", False),
        ("21:04", "14:59", False),
        ("21:05", "14:59", True),
    ],
)
def test_it_looks_at_trading_segments_only(at: str, last: str, speaks: bool) -> None:
    assert steps(rule.when(tick(at, last))) == ["raised"] * speaks


def test_a_night_is_silent_after_midnight_too_and_never_on_the_eve_of_a_holiday() -> None:
    night = ticked(moment(DAY + timedelta(days=1), "00:30"), heard={"stream": moment(DAY, "23:00")})
    assert steps(rule.when(night)) == ["raised"]
    eve = DAY.replace(month=9, day=30)
    assert not rule.when(ticked(moment(eve, "22:00"), heard={"stream": moment(eve, "14:59")}))


def test_a_named_source_that_was_never_heard_is_silent_since_the_segments_begin() -> None:
    assert not rule.when(ticked(moment(DAY, "10:34")))
    assert not rule.when(ticked(moment(DAY, "12:00")))
    for minute in (ticked(moment(DAY, "10:35")), tick("10:35", "09:00", source="file")):
        (said,) = rule.when(minute)
        assert (said.step.value, said.summary) == ("raised", "数据源stream从未有过数据")
        assert said.facts == {"数据源": "stream", "最后收到": "从未"}


def test_its_first_record_takes_that_back() -> None:
    never = rule.given(ticked(moment(DAY, "10:35")))
    assert never.told(ticked(moment(DAY, "10:36")), ticked(moment(DAY, "13:40"))) == []
    (said,) = never.when(tick("10:36", "10:35:30"))
    assert (said.step.value, said.episode) == ("withdrawn", "stream-20260601T1035")


def test_a_source_that_nobody_named_is_not_judged() -> None:
    at = moment(DAY, "10:40")
    assert not rule.when(ticked(at, heard={"stream": at, "file": moment(DAY, "09:00")}))
    assert not Scenario(FeedSilence(sources=())).when(ticked(at))


def test_one_stream_of_several_is_silent_while_the_others_speak() -> None:
    at, long_ago = moment(DAY, "10:40"), moment(DAY, "09:31")
    heard = {"stream": at, "ctp-risk:account": long_ago, "ctp-risk:deposit": long_ago}
    silent_stream = ticked(at, heard=heard)
    (said,) = rule.when(silent_stream)
    assert (said.episode, said.facts["数据源"]) == (
        "ctp-risk:account-20260601T1040",
        "ctp-risk:account",
    )
    back = ticked(moment(DAY, "10:41"), heard={**heard, "ctp-risk:account": at})
    assert steps(rule.given(silent_stream).when(back)) == ["withdrawn"]
    named = Scenario(FeedSilence(sources=("*:account", "ctp-risk:account", "ctp-risk:deposit")))
    assert len(named.when(silent_stream)) == 2, "each once, however often it is named"


def test_the_first_minute_of_a_broker_of_which_nothing_is_known_is_judged_too() -> None:
    minute = ticked(moment(DAY, "10:40"))
    assert list(concerned(minute, {}, 0)) == [f"{BROKER}:{FEED}"]
    assert list(concerned(minute, {}, 1)) == []


def test_it_says_what_an_operator_needs_in_this_order() -> None:
    (said,) = rule.when(tick("10:36", "10:30:59"))
    assert said.summary == "数据源stream已5分钟没有数据"
    assert list(said.facts.items()) == [("数据源", "stream"), ("最后收到", "2026-06-01 10:30:59")]
    assert (said.episode, said.provisional) == ("stream-20260601T1036", False)


def test_while_it_stands_it_is_not_said_again() -> None:
    assert not silent.when(tick("10:37", "10:31"))
    assert not silent.when(tick("13:40", "10:31"))
    assert not silent.when(tick("13:40", "10:30"))


def test_a_later_record_takes_it_back() -> None:
    (said,) = silent.when(tick("10:40", "10:39:30"))
    assert (said.step.value, said.episode) == ("withdrawn", "stream-20260601T1036")
    assert said.summary == "数据源stream已恢复"
    assert list(said.facts.items()) == [("数据源", "stream"), ("恢复于", "10:39:30")]


def test_any_later_record_does_even_within_the_same_second_and_out_of_hours() -> None:
    later = ticked(moment(DAY, "10:37"), heard={"stream": moment(DAY, "10:31") + INSTANT})
    assert steps(silent.when(later)) == ["withdrawn"]
    assert steps(silent.when(tick("16:00", "15:30"))) == ["withdrawn"]


def test_silent_again_is_another_alert() -> None:
    said = silent.told(tick("10:40", "10:39:30"), tick("10:44", "10:39:30"), tick("10:45", "10:39"))
    assert [(a.type, a.data.episode, a.data.revision) for a in said] == [
        ("alert.withdrawn", "stream-20260601T1036", 2),
        ("alert.raised", "stream-20260601T1045", 1),
    ]


def test_each_source_is_silent_for_itself() -> None:
    both = Scenario(FeedSilence(sources=("ctp", "ctp-2")))
    minute = ticked(
        moment(DAY, "10:36"), heard={"ctp": moment(DAY, "10:30"), "ctp-2": moment(DAY, "10:30")}
    )
    assert [one.episode for one in both.when(minute)] == [
        "ctp-20260601T1036",
        "ctp-2-20260601T1036",
    ]
    back = ticked(
        moment(DAY, "10:37"), heard={"ctp": moment(DAY, "10:36"), "ctp-2": moment(DAY, "10:30")}
    )
    assert [one.episode for one in both.given(minute).when(back)] == ["ctp-20260601T1036"]


def test_it_belongs_to_the_brokers_feed_and_to_no_client() -> None:
    origin = Origin(f"{BROKER}:{FEED}", 0, 7)
    (alert,) = watch(rule.account, tick("10:36", "10:31"), rule.rules, origin).alerts
    assert (alert.subject, alert.data.account) == ("demo:feed", "feed")
    assert (alert.data.module, alert.data.urgency) == ("公告", "high")


def test_other_events_say_nothing() -> None:
    assert happened(silent.told(withdrew("5"))) == []


def test_each_threshold_moved_moves_the_line() -> None:
    assert not Scenario(FeedSilence(minutes=6)).when(tick("10:36", "10:31"))
    assert Scenario(FeedSilence(minutes=4)).when(tick("10:35", "10:31"))
    (other,) = Scenario(FeedSilence(sources=("file",))).when(tick("10:36", "10:31"))
    assert other.facts["数据源"] == "file"
    assert (FeedSilence().minutes, FeedSilence().sources) == (5, ("stream", "*:account"))
