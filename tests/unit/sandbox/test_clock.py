"""The posted clock: the wall's until told, what it was told from then on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.sandbox.clock import PostedClock
from shared.clock import DrivenClock

WALL = datetime(2026, 11, 22, tzinfo=UTC)
DAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def test_it_says_the_walls_time_until_the_first_post(tmp_path: Path) -> None:
    clock = PostedClock(tmp_path / "clock", DrivenClock(WALL))
    assert clock.now() == WALL
    clock.post(DAY)
    assert clock.now() == DAY


def test_it_goes_where_it_is_posted_backwards_too(tmp_path: Path) -> None:
    clock = PostedClock(tmp_path / "clock")
    clock.post(DAY)
    clock.post(DAY - timedelta(days=1))
    assert clock.now() == DAY - timedelta(days=1)


def test_it_outlives_a_restart(tmp_path: Path) -> None:
    PostedClock(tmp_path / "clock").post(DAY)
    assert PostedClock(tmp_path / "clock", DrivenClock(WALL)).now() == DAY
