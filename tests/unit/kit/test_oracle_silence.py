"""数据中断: a source says nothing for five minutes of a trading segment."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from shared.contracts.trading import ClockTicked
from tests.kit.facts import DAY, moment, ticked
from tests.kit.reference import expected
from tests.kit.told import told

RULE = "feed_silence"
FRI, SAT, SUN = date(2026, 5, 29), date(2026, 5, 30), date(2026, 5, 31)
EVE_OF_HOLIDAY, HOLIDAY = date(2026, 6, 18), date(2026, 6, 19)


def tick(at: str, heard: str, day: date = DAY) -> ClockTicked:
    return ticked(moment(day, at), stream=moment(day, heard))


def test_five_minutes_are_enough() -> None:
    assert told(RULE, tick("10:00", "09:55")) == ["raised stream-20260601T1000 1"]
    assert not told(RULE, tick("10:00", "09:55:01"))


def test_it_is_told_of_the_brokers_feed() -> None:
    (said,) = expected([tick("10:00", "09:55")])
    assert said.account == "demo:feed"


@pytest.mark.parametrize(
    ("at", "speaks"),
    [
        ("08:59", False),
        ("09:04", False),  # the segment is four minutes old
        ("09:05", True),
        ("10:14", True),
        ("10:15", False),
        ("10:34", False),
        ("10:35", True),
        ("11:29", True),
        ("11:30", False),
        ("13:34", False),
        ("13:35", True),
        ("14:59", True),
        ("15:00", False),
        ("20:59", False),
        ("21:04", False),
        ("21:05", True),
        ("23:59", True),
    ],
)
def test_silence_counts_from_the_beginning_of_its_segment(at: str, speaks: bool) -> None:
    assert bool(told(RULE, tick(at, "00:00"))) is speaks


@pytest.mark.parametrize(
    ("day", "at", "speaks"),
    [
        (FRI, "22:00", True),
        (SAT, "02:29", True),
        (SAT, "02:30", False),
        (SAT, "10:00", False),
        (SAT, "22:00", False),
        (SUN, "22:00", False),
        (DAY, "01:00", False),  # Sunday's evening has no session
        (date(2026, 6, 2), "01:00", True),
        (EVE_OF_HOLIDAY, "10:00", True),
        (EVE_OF_HOLIDAY, "22:00", False),
        (HOLIDAY, "01:00", False),
        (HOLIDAY, "10:00", False),
    ],
)
def test_there_is_a_night_only_where_the_calendar_has_one(day: date, at: str, speaks: bool) -> None:
    heard = moment(day, "00:00") if at < "09:00" else moment(day, "08:00")
    assert bool(told(RULE, ticked(moment(day, at), stream=heard))) is speaks


def test_while_it_stands_nothing_more_is_said() -> None:
    log = [tick(at, "09:00") for at in ("10:00", "10:01", "10:20", "10:40")]
    assert told(RULE, *log) == ["raised stream-20260601T1000 1"]


def test_what_is_heard_again_takes_it_back_and_a_new_silence_is_another() -> None:
    log = tick("10:00", "09:00"), tick("10:20", "09:00:01")
    back = ["raised stream-20260601T1000 1", "withdrawn stream-20260601T1000 2"]
    assert told(RULE, *log) == back
    assert told(RULE, *log, tick("10:36", "10:31")) == [*back, "raised stream-20260601T1036 1"]


def test_a_named_source_that_was_never_heard_is_silent_until_its_first_record() -> None:
    log = ticked(moment(DAY, "09:04")), ticked(moment(DAY, "10:00")), ticked(moment(DAY, "10:01"))
    assert told(RULE, *log) == ["raised stream-20260601T1000 1"]
    back = ["raised stream-20260601T1000 1", "withdrawn stream-20260601T1000 2"]
    assert told(RULE, *log, tick("10:02", "09:00")) == back


def test_a_source_that_nobody_watches_is_not_judged_and_a_pattern_picks_what_was_heard() -> None:
    ten = moment(DAY, "10:00")
    assert not told(RULE, ticked(ten, stream=ten, file=moment(DAY, "09:00")))
    assert not told(RULE, ticked(ten), sources=("*:account",))
    heard: dict[str, Any] = {"stream": ten, "ctp:account": moment(DAY, "09:00")}
    assert told(RULE, ticked(ten, **heard)) == ["raised ctp:account-20260601T1000 1"]
    assert told(RULE, ticked(moment(DAY, "10:00"), file=moment(DAY, "09:00")), sources=("file",))


def test_each_broker_has_its_own_feed() -> None:
    other = ticked(moment(DAY, "10:00"), "other", stream=moment(DAY, "09:00"))
    log = tick("10:00", "09:00"), other
    assert [said.account for said in expected(log)] == ["demo:feed", "other:feed"]


def test_the_episode_is_named_in_shanghai_time() -> None:
    at = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
    assert told(RULE, ticked(at, stream=moment(DAY, "09:00"))) == ["raised stream-20260601T1000 1"]


def test_the_minutes_count() -> None:
    assert not told(RULE, tick("10:00", "09:55"), silent_minutes=6)
