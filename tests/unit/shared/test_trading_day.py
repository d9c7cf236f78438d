"""交易日: what the calendar knows, and that it never guesses."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from shared.kernel.trading_day import CHINA, Calendar, OutsideCoverage, china

YEARS = (2024, 2025, 2026)
DEFERRED = {
    "2024-02-15": "2024-02-19",  # Spring Festival
    "2024-06-15": "2024-06-17",
    "2024-09-15": "2024-09-18",  # a Sunday, then Mid-Autumn on Monday and Tuesday
    "2024-12-15": "2024-12-16",
    "2025-02-15": "2025-02-17",
    "2025-03-15": "2025-03-17",
    "2025-06-15": "2025-06-16",
    "2025-11-15": "2025-11-17",
    "2026-02-15": "2026-02-24",  # Spring Festival
    "2026-03-15": "2026-03-16",
    "2026-08-15": "2026-08-17",
    "2026-11-15": "2026-11-16",
}
FIFTEENTHS = [date(year, month, 15) for year in YEARS for month in range(1, 13)]


def in_shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-01 09:00", "2026-06-01"),
        ("2026-06-01 19:59:59.999999", "2026-06-01"),
        ("2026-06-01 20:00", "2026-06-02"),  # the evening's call auction
        ("2026-06-02 00:30", "2026-06-02"),
        ("2026-05-29 21:05", "2026-06-01"),  # Friday night
        ("2026-05-30 01:00", "2026-06-01"),  # Saturday, one in the morning
        ("2026-05-30 12:00", "2026-06-01"),
        ("2026-05-31 21:05", "2026-06-01"),
        ("2026-06-01 00:00", "2026-06-01"),
        ("2026-09-30 15:00", "2026-09-30"),
        ("2026-09-30 20:00", "2026-10-08"),  # the evening before a holiday
        ("2026-10-01 01:00", "2026-10-08"),
        ("2026-10-10 10:00", "2026-10-12"),  # a make-up working Saturday
    ],
)
def test_a_moment_belongs_to_its_trading_day(moment: str, day: str) -> None:
    assert china().at(in_shanghai(moment)).isoformat() == day


def test_a_moment_is_read_in_shanghai_wherever_it_was_written() -> None:
    evening = in_shanghai("2026-05-29 21:05")
    assert china().at(evening.astimezone(UTC)) == china().at(evening)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        china().at(datetime(2026, 6, 1, 9))  # noqa: DTZ001 this is what must be refused


@pytest.mark.parametrize("fifteenth", FIFTEENTHS, ids=str)
def test_every_judgement_day_is_the_15th_or_the_next_trading_day(fifteenth: date) -> None:
    wanted = DEFERRED.get(fifteenth.isoformat(), fifteenth.isoformat())
    assert china().judgement_day(fifteenth).isoformat() == wanted
    assert china().judgement_day(fifteenth.replace(day=1)).isoformat() == wanted
    assert china().is_trading_day(date.fromisoformat(wanted))


@pytest.mark.parametrize(
    ("seen_from", "judgement"),
    [
        ("2026-06-15", "2026-06-15"),
        ("2026-06-16", "2026-07-15"),
        ("2026-08-16", "2026-08-17"),  # the deferred one is still ahead
        ("2026-08-17", "2026-08-17"),
        ("2026-08-18", "2026-09-15"),
        ("2026-02-16", "2026-02-24"),
        ("2026-01-31", "2026-02-24"),
        ("2025-12-31", "2026-01-15"),
    ],
)
def test_the_coming_judgement_day_is_never_behind(seen_from: str, judgement: str) -> None:
    assert china().judgement_day(date.fromisoformat(seen_from)).isoformat() == judgement


@pytest.mark.parametrize(
    "day", ["2026-10-01", "2026-10-07", "2026-10-10", "2026-05-30", "2026-02-23", "2025-01-28"]
)
def test_holidays_weekends_and_make_up_days_are_none(day: str) -> None:
    assert not china().is_trading_day(date.fromisoformat(day))


def test_neighbours_skip_what_is_closed() -> None:
    calendar = china()
    assert calendar.after(date(2026, 9, 30)).isoformat() == "2026-10-08"
    assert calendar.after(date(2026, 10, 3)).isoformat() == "2026-10-08"
    assert calendar.before(date(2026, 10, 8)).isoformat() == "2026-09-30"
    assert calendar.before(date(2026, 10, 3)).isoformat() == "2026-09-30"
    assert calendar.after(date(2026, 6, 1), 10).isoformat() == "2026-06-15"
    assert calendar.before(date(2026, 6, 15), 10).isoformat() == "2026-06-01"
    assert calendar.on_or_after(date(2026, 6, 1)).isoformat() == "2026-06-01"
    assert calendar.on_or_after(date(2026, 5, 30)).isoformat() == "2026-06-01"


def test_a_distance_counts_the_trading_days_in_between_and_the_last() -> None:
    calendar = china()
    assert calendar.distance(date(2026, 6, 1), date(2026, 6, 1)) == 0
    assert calendar.distance(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert calendar.distance(date(2026, 6, 15), date(2026, 6, 1)) == -10


def test_each_evening_before_a_holiday_has_no_night_session() -> None:
    calendar = china()
    assert {date(2026, 9, 30), date(2026, 2, 13), date(2025, 12, 31)} <= calendar.no_night
    assert date(2026, 5, 29) not in calendar.no_night  # an ordinary weekend
    assert all(calendar.is_trading_day(day) for day in calendar.no_night)


def test_a_year_has_about_243_trading_days() -> None:
    for year in YEARS:
        assert 240 <= sum(day.year == year for day in china().days) <= 246


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2027, 1, 1)])
def test_outside_its_coverage_it_says_so_loudly(day: date) -> None:
    calendar = china()
    noon = datetime.combine(day, datetime.min.time(), CHINA) + timedelta(hours=12)
    questions: list[Callable[[], object]] = [
        lambda: calendar.is_trading_day(day),
        lambda: calendar.on_or_after(day),
        lambda: calendar.after(day),
        lambda: calendar.before(day),
        lambda: calendar.distance(day, date(2026, 6, 1)),
        lambda: calendar.distance(date(2026, 6, 1), day),
        lambda: calendar.judgement_day(day),
        lambda: calendar.at(noon),
    ]
    for ask in questions:
        with pytest.raises(OutsideCoverage):
            ask()


def test_a_neighbour_beyond_the_edge_is_not_guessed() -> None:
    questions: list[Callable[[], object]] = [
        lambda: china().after(date(2026, 12, 31)),
        lambda: china().at(in_shanghai("2026-12-31 20:00")),
        lambda: china().before(date(2024, 1, 2)),
        lambda: china().judgement_day(date(2026, 12, 16)),
    ]
    for ask in questions:
        with pytest.raises(OutsideCoverage, match=china().version):
            ask()


def test_it_says_how_many_days_it_still_knows() -> None:
    assert china().days_left(date(2026, 12, 31)) == 0
    assert china().days_left(date(2026, 12, 30)) == 1
    assert china().days_left(date(2030, 1, 1)) == 0


def test_a_calendar_file_with_a_word_too_many_is_refused() -> None:
    content = {"version": "v", "first": "2026-06-01", "last": "2026-06-05", "closed": []}
    raw = json.dumps({**content, "no_night": []}).encode()
    assert len(Calendar.from_json(raw).days) == 5
    with pytest.raises(msgspec.ValidationError, match="nights"):
        Calendar.from_json(json.dumps({**content, "no_night": [], "nights": []}).encode())


def test_its_name_is_short_enough_for_an_error() -> None:
    assert repr(china()) == f"Calendar({china().version}, 2024-01-01..2026-12-31)"
