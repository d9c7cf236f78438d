"""稍后 — the times to choose from: at the hours where a calendar matters, each is the right one."""

from datetime import datetime, timedelta

import pytest

from services.notify.domain.answer import Snoozed, unfit
from services.notify.domain.later import DEFAULT, LONGEST, WORDS, Later, latest, moment, offered
from shared.kernel.trading_day import CHINA, china


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "close", "opening"),
    [
        ("2026-06-01T08:30", "06-01 14:45", "06-01 09:00"),  # before the open: this one
        ("2026-06-01T09:00", "06-01 14:45", "06-02 09:00"),
        ("2026-06-01T14:44", "06-01 14:45", "06-02 09:00"),
        ("2026-06-01T14:45", None, "06-02 09:00"),
        ("2026-06-01T21:30", None, "06-02 09:00"),  # the night session before the 2nd
        ("2026-06-02T01:00", "06-02 14:45", "06-02 09:00"),  # and the same after midnight
        ("2026-06-05T14:50", None, "06-08 09:00"),  # a Friday
        ("2026-06-06T01:00", None, "06-08 09:00"),  # its night ends on a Saturday
        ("2026-10-10T10:00", None, "10-12 09:00"),  # a working Saturday without trading
        ("2026-09-30T14:00", "09-30 14:45", "10-08 09:00"),  # before the holidays
    ],
)
def test_the_close_is_todays_and_the_open_is_the_coming_morning_of_trading(
    now: str, close: str | None, opening: str
) -> None:
    found = {later: f"{when:%m-%d %H:%M}" for later, when in offered(at(now), china())}
    assert (found.get(Later.CLOSE), found[Later.OPEN]) == (close, opening)


def test_minutes_are_minutes_on_any_day() -> None:
    now = at("2026-06-06T23:50")
    waits = [moment(later, now, china()) for later in list(Later)[:4]]
    assert [when and (when - now).total_seconds() / 60 for when in waits] == [10, 30, 60, 120]


def test_beyond_the_calendar_there_are_only_minutes() -> None:
    beyond = at(china().last.isoformat() + "T10:00") + timedelta(days=400)
    assert [later for later, _ in offered(beyond, china())] == list(Later)[:4]
    assert latest(beyond, china()) == beyond + LONGEST


def test_holidays_are_no_reason_to_refuse_the_next_open() -> None:
    now = at("2026-09-30T14:00")
    reopening = moment(Later.OPEN, now, china())
    assert reopening is not None
    assert reopening > now + LONGEST
    assert unfit(Snoozed(reopening), "m001", now, china()) is None
    assert unfit(Snoozed(reopening + timedelta(seconds=1)), "m001", now, china()) == "not-a-later"


def test_each_choice_is_worded_and_one_is_the_default() -> None:
    assert list(WORDS) == list(Later)
    assert WORDS[DEFAULT] == "30 分钟"
