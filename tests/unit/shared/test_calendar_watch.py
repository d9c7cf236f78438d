"""看日历: the gauges say how far the calendar reaches, the log warns once a day."""

from datetime import date

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.kernel.trading_day import china
from shared.observability.calendar_watch import CalendarWatch


def days_left() -> float | None:
    return REGISTRY.get_sample_value("trading_calendar_days_left")


def test_far_from_its_end_it_only_counts() -> None:
    with capture_logs() as logs:
        CalendarWatch(china()).look(date(2026, 6, 1))
    assert not logs
    assert days_left() == 146
    named = {"version": china().version}
    assert REGISTRY.get_sample_value("trading_calendar_in_use", named) == 1


def test_near_its_end_it_warns_once_a_day() -> None:
    watch = CalendarWatch(china())
    with capture_logs() as logs:
        for day in (22, 22, 23, 22):
            watch.look(date(2026, 11, day))
    assert [log["days_left"] for log in logs] == [29, 28]
    assert {log["log_level"] for log in logs} == {"warning"}
    assert all("docs/operations/calendar.md" in log["remedy"] for log in logs)


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 3, 1)])
def test_beyond_its_end_it_says_so(day: date) -> None:
    with capture_logs() as logs:
        CalendarWatch(china()).look(day)
    assert [log["event"] for log in logs] == ["the trading calendar has ended"]
    assert days_left() == 0
