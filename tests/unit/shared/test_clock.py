"""The one port through which a shell asks the time."""

from datetime import UTC, datetime, timedelta

from shared.clock import Clock, DrivenClock, WallClock

START = datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_a_driven_clock_stands_still_until_it_is_moved() -> None:
    clock = DrivenClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(START + timedelta(minutes=1))
    assert clock.now() == START + timedelta(minutes=1)


def test_a_late_or_repeated_tick_never_turns_it_back() -> None:
    clock = DrivenClock(START)
    clock.advance(START)
    clock.advance(START - timedelta(hours=1))
    assert clock.now() == START


def test_the_wall_clock_knows_its_zone_and_goes_on() -> None:
    clock: Clock = WallClock()
    first = clock.now()
    assert first.utcoffset() == timedelta(0)
    assert clock.now() >= first
