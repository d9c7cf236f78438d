"""计时 — minutes count while all calendars apply."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.duty import Applies, awake, counted, on_duty, over_at, trading, whole
from services.notify.domain.ladder import DutyHours, Shift
from services.notify.domain.policy import QuietHours
from shared.kernel.trading_day import CHINA, china

TRADING = trading(china())
DUTY = on_duty(DutyHours(begin=time(8, 30), end=time(17, 30)), china())
AWAKE = awake(QuietHours(begin=time(22), end=time(8), urgencies=frozenset()))
BY_NIGHT = awake(QuietHours(begin=time(12), end=time(14), urgencies=frozenset()))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("calendars", "begin", "minutes", "over"),
    [
        ([TRADING], "06-01T10:31", 10, "06-01T10:41"),
        ([TRADING], "06-01T10:10", 10, "06-01T10:35"),  # 小节休息
        ([TRADING], "06-01T11:25", 10, "06-01T13:35"),  # the lunch break
        ([TRADING], "06-01T14:55", 10, "06-01T21:05"),  # the evening
        ([TRADING], "06-01T14:55", 5, "06-01T15:00"),
        ([TRADING], "06-02T02:25", 10, "06-02T09:05"),  # after the night session
        ([TRADING], "06-05T23:50", 30, "06-06T00:20"),  # Friday's night goes on into Saturday
        ([TRADING], "06-06T02:30", 10, "06-08T09:10"),  # a weekend
        ([TRADING], "09-30T14:55", 10, "10-08T09:05"),  # no night before a holiday
        ([DUTY], "06-01T17:25", 10, "06-02T08:35"),
        ([DUTY], "06-05T18:00", 10, "06-08T08:40"),
        ([AWAKE], "06-01T21:55", 10, "06-02T08:05"),
        ([BY_NIGHT], "06-01T11:55", 10, "06-01T14:05"),
        ([AWAKE, DUTY, TRADING], "06-01T14:55", 10, "06-02T09:05"),
        ([], "06-06T12:00", 90, "06-06T13:30"),
        ([TRADING], "06-01T12:00", 0, "06-01T12:00"),
        ([TRADING], "12-31T14:00", 10, "12-31T14:10"),
    ],
)
def test_when_so_many_minutes_have_counted(
    calendars: list[Applies], begin: str, minutes: int, over: str
) -> None:
    assert over_at(calendars, at(begin), timedelta(minutes=minutes)) == at(over)


def test_beyond_the_calendar_every_minute_of_trading_counts() -> None:
    beyond = datetime(2027, 3, 6, 3, 0, tzinfo=CHINA)
    assert over_at([TRADING], beyond, timedelta(minutes=10)) == beyond + timedelta(minutes=10)


def test_what_never_applies_is_over_at_the_horizon() -> None:
    assert over_at([lambda _: ()], at("06-01T10:00"), timedelta(minutes=1)) == at("07-31T10:00")


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("06-01T10:00", "06-01T11:00", 45),
        ("06-01T11:00", "06-01T14:00", 60),
        ("06-01T16:00", "06-01T20:00", 0),
        ("06-01T14:00", "06-01T10:00", 0),
        ("06-05T20:00", "06-08T09:30", 360),
    ],
)
def test_how_many_have_counted(begin: str, end: str, minutes: int) -> None:
    assert counted([TRADING], at(begin), at(end)) == timedelta(minutes=minutes)


@given(
    st.integers(0, 60 * 24 * 40),
    st.integers(1, 600),
    st.sampled_from([[], [TRADING], [DUTY, TRADING], [AWAKE], [whole]]),
)
def test_the_two_questions_answer_each_other(
    offset: int, minutes: int, calendars: list[Applies]
) -> None:
    begin, needed = at("05-25T00:00") + timedelta(minutes=offset), timedelta(minutes=minutes)
    over = over_at(calendars, begin, needed)
    assert counted(calendars, begin, over) == needed
    assert counted(calendars, begin, over - timedelta(seconds=1)) < needed


@pytest.mark.parametrize(
    ("shift", "moment", "covers"),
    [
        (("08:30", "17:30"), "06-01T08:30", True),
        (("08:30", "17:30"), "06-01T17:30", False),
        (("08:30", "17:30"), "06-02T09:00", False),
        (("17:30", "08:30"), "06-01T23:00", True),
        (("17:30", "08:30"), "06-02T08:29", True),
        (("17:30", "08:30"), "06-02T17:30", False),
        (("17:30", "08:30"), "06-01T08:00", False),
    ],
)
def test_a_shift_on_mondays(shift: tuple[str, str], moment: str, covers: bool) -> None:
    begin, end = (time.fromisoformat(text) for text in shift)
    monday = Shift(days=frozenset({"mon"}), begin=begin, end=end, staff="r001")
    assert monday.covers(at(moment)) is covers
