"""交易时段: when the exchanges trade; a night belongs to the evening it began on."""

from datetime import date, datetime, timedelta

import pytest

from shared.kernel.sessions import segment_start
from shared.kernel.trading_day import CHINA, Calendar, china

LAST_INSTANT = timedelta(microseconds=1)


def started(at: str) -> str | None:
    """Return when the segment began that holds a moment in Shanghai."""
    found = segment_start(datetime.fromisoformat(at).replace(tzinfo=CHINA), china())
    return found.strftime("%Y-%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("begin", "end"),
    [("09:00", "10:15"), ("10:30", "11:30"), ("13:30", "15:00")],
)
def test_a_day_segment_holds_its_first_moment_and_not_its_last(begin: str, end: str) -> None:
    first = datetime.fromisoformat(f"2026-06-01 {begin}").replace(tzinfo=CHINA)
    last = datetime.fromisoformat(f"2026-06-01 {end}").replace(tzinfo=CHINA)
    assert segment_start(first - LAST_INSTANT, china()) is None
    assert segment_start(first, china()) == first
    assert segment_start(last - LAST_INSTANT, china()) == first
    assert segment_start(last, china()) is None


@pytest.mark.parametrize(
    ("at", "start"),
    [
        ("2026-06-01 20:59:59.999999", None),
        ("2026-06-01 21:00", "2026-06-01 21:00"),
        ("2026-06-01 23:59:59", "2026-06-01 21:00"),
        ("2026-06-02 00:00", "2026-06-01 21:00"),
        ("2026-06-02 02:29:59.999999", "2026-06-01 21:00"),
        ("2026-06-02 02:30", None),
        ("2026-05-30 01:00", "2026-05-29 21:00"),  # Friday's night ends on Saturday
    ],
)
def test_a_night_began_on_the_evening_before_midnight(at: str, start: str | None) -> None:
    assert started(at) == start


@pytest.mark.parametrize(
    ("evening", "trades"),
    [
        ("2026-05-29", True),  # before an ordinary weekend
        ("2026-05-30", False),  # a Saturday
        ("2026-05-31", False),  # a Sunday: Monday's night session was Friday evening
        ("2026-09-29", True),  # the last evening but one before the October holidays
        ("2026-09-30", False),  # the evening before them has no night session
        ("2026-10-07", False),  # nor has the last evening of the holidays
        ("2026-10-08", True),  # on the first day after them the night trades again
        ("2026-12-31", False),
    ],
)
def test_an_evening_before_a_holiday_has_no_night(evening: str, trades: bool) -> None:
    assert (started(f"{evening} 22:00") is not None) is trades
    morning = date.fromisoformat(evening) + timedelta(days=1)
    if morning <= china().last:
        assert (started(f"{morning} 01:00") is not None) is trades


@pytest.mark.parametrize("day", ["2026-06-06", "2026-06-07", "2026-06-19", "2026-10-10"])
def test_a_day_without_trading_has_no_segments(day: str) -> None:
    assert started(f"{day} 10:00") is None
    assert started(f"{day} 14:00") is None


def test_a_moment_may_come_in_any_zone() -> None:
    utc = datetime.fromisoformat("2026-06-01T02:31:00+00:00")
    found = segment_start(utc, china())
    assert found is not None
    assert found.isoformat() == "2026-06-01T10:30:00+08:00"


def test_the_calendar_decides_which_nights_there_are() -> None:
    known = china()
    quiet = Calendar(known.version, known.first, known.last, known.days, frozenset(known.days))
    night = datetime(2026, 6, 1, 21, 30, tzinfo=CHINA)
    assert segment_start(night, known) is not None
    assert segment_start(night, quiet) is None
