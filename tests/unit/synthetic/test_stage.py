"""The days and moments of a play."""

from datetime import date, time

import pytest

from deploy.synthetic.stage import MINUTE, Stage, Unplayable, clock
from shared.kernel.sessions import segment_start
from shared.kernel.trading_day import TradingDay, china


def stage(day: str) -> Stage:
    return Stage(TradingDay(date.fromisoformat(day)), china())


def test_a_mondays_night_session_is_fridays() -> None:
    monday = stage("2026-06-01")
    assert monday.moment("21:05") == clock(date(2026, 5, 29), time(21, 5))
    assert monday.moment("00:45") == clock(date(2026, 5, 30), time(0, 45))
    assert monday.moment("10:15:30") == clock(date(2026, 6, 1), time(10, 15, 30))
    assert monday.moment("+1 09:05") == clock(date(2026, 6, 2), time(9, 5))


@pytest.mark.parametrize("at", ["20:46", "21:05", "00:45", "10:12"])
def test_every_moment_belongs_to_the_plays_day(at: str) -> None:
    for day in ("2026-06-01", "2026-06-02", "2026-05-06", "2026-10-08"):
        assert china().at(stage(day).moment(at)) == date.fromisoformat(day)


def test_after_a_holiday_there_is_no_night_and_the_order_of_moments_stays() -> None:
    after = stage("2026-05-06")
    assert not after.has_night
    moments = [after.moment(at) for at in ("20:46", "21:05", "21:44", "10:12", "00:45", "14:05")]
    assert moments == sorted(moments)
    assert after.curtain_up <= moments[0]


def test_the_epilogue_goes_to_the_reminder() -> None:
    ten_left = stage("2026-06-01")
    assert ten_left.coming(ten_left.day) == (date(2026, 6, 15), 10)
    assert ten_left.coming(ten_left.epilogue[-1]).left == 3
    assert ten_left.coming(ten_left.epilogue[-2]).left == 4
    assert stage("2026-05-29").epilogue == ()


def test_a_close_on_the_judgement_day_looks_at_the_next_one() -> None:
    assert stage("2026-06-15").coming(date(2026, 6, 15)).judgement == date(2026, 7, 15)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-05-30", "not a trading day"),
        ("2024-01-03", "no trading day known"),
        ("2026-12-31", "outside|no trading day known"),
        ("2027-06-01", "outside"),
    ],
)
def test_what_the_calendar_cannot_play_is_refused(day: str, why: str) -> None:
    with pytest.raises(Unplayable, match=why):
        stage(day)


def test_the_source_speaks_every_minute_but_in_its_silences() -> None:
    monday = stage("2026-06-01")
    (begin, end), (last, _) = monday.silences
    assert (end - begin).total_seconds() == 300  # so that four whole minutes pass without it
    for minute in range(6):
        at = begin + minute * MINUTE
        assert monday.heard(at) == (begin if minute < 5 else at)
    assert monday.heard(last - MINUTE) == last - MINUTE
    assert all(segment_start(at, china()) for at in (begin, end, last))


@pytest.mark.parametrize(
    ("day", "passed"),
    [("2026-06-12", "2026-05-15"), ("2026-06-15", "2026-06-15"), ("2026-02-24", "2026-02-24")],
)
def test_a_judgement_day_has_passed_on_the_day_itself(day: str, passed: str) -> None:
    assert stage(day).passed.isoformat() == passed
