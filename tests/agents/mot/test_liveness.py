"""Alive is who gets on: the watermark moves, or nothing lies behind it."""

import queue
import subprocess
import sys
import threading
from time import monotonic

import pytest

from services.mot.liveness import GRACE, Liveness, Place, watch_over

PATIENCE = 30.0


class Clock:
    """Places as they are told, and looks at moments of our choosing."""

    def __init__(self) -> None:
        self.places: dict[int, Place] = {}
        self.liveness = Liveness(PATIENCE, lambda: self.places)
        self.liveness.turned()
        self.began = monotonic()

    def looks(self, after: float) -> str | None:
        """Look that many seconds later, with a loop and a feed that have just turned."""
        self.liveness._beat = self.liveness._turned = self.began + after
        seconds, what = self.liveness.stuck(self.began + after)
        return what if seconds > PATIENCE else None


def test_a_partition_with_records_and_none_done_is_stuck_in_time() -> None:
    clock = Clock()
    clock.places = {4: Place(10, 20), 5: Place(7, 8)}
    assert [clock.looks(at) for at in (0, 29, 31)] == [None, None, "partition 4"]


def test_a_partition_that_moves_however_slowly_is_alive() -> None:
    clock = Clock()
    for minute in range(10):
        clock.places = {4: Place(10 + minute, 1_000)}
        assert clock.looks(minute * 25.0) is None


def test_an_idle_partition_is_alive_and_its_next_record_has_its_own_time() -> None:
    clock = Clock()
    clock.places = {4: Place(10, 11)}
    assert [clock.looks(at) for at in (0, 1_000)] == [None, None]
    clock.places = {4: Place(10, 12)}
    assert [clock.looks(at) for at in (1_001, 1_030, 1_032)] == [None, None, "partition 4"]


def test_an_end_not_known_yet_and_a_partition_given_away_say_nothing() -> None:
    clock = Clock()
    clock.places = {4: Place(10, 20), 5: Place(-1, None)}
    clock.looks(0)
    clock.places = {5: Place(-1, None)}
    assert clock.looks(60) is None


@pytest.mark.parametrize("part", ["_beat", "_turned"])
def test_a_loop_or_a_feed_that_does_not_turn_is_stuck(part: str) -> None:
    clock = Clock()
    setattr(clock.liveness, part, monotonic() - PATIENCE - 1)
    what = {"_beat": "the event loop", "_turned": "the feed"}[part]
    assert str(clock.liveness.alive()).startswith(what)


def test_a_process_that_was_frozen_as_a_whole_is_given_its_time_again() -> None:
    clock = Clock()
    clock.places = {4: Place(10, 20)}
    clock.looks(-90)
    clock.liveness.thawed()
    assert clock.liveness.alive() is None


def test_the_first_assignment_may_take_longer() -> None:
    liveness = Liveness(PATIENCE, dict)
    liveness.beat()
    assert liveness.stuck(monotonic() + PATIENCE + GRACE / 2)[1] == "the event loop"


def test_the_watchdog_needs_nothing_of_the_loop() -> None:
    liveness = Liveness(0.2, dict)
    ended = threading.Event()
    watch_over(liveness, lambda _: ended.set())
    assert ended.wait(5)  # nobody ever called beat again


def test_a_watchdog_that_cannot_look_ends_the_process_too() -> None:
    def places() -> dict[int, Place]:
        raise KeyError(3)

    reasons: queue.Queue[str] = queue.Queue()
    watch_over(Liveness(PATIENCE, places), reasons.put)
    assert "KeyError" in reasons.get(timeout=5)


WEDGED = """
import asyncio, os, time
from services.mot.app import stop_now
from services.mot.liveness import Liveness, watch_over

async def main():
    liveness = Liveness(1.0, dict)
    watch_over(liveness, stop_now)
    liveness.beat()
    time.sleep(60)  # the wedge: the loop never turns again

asyncio.run(main())
"""


def test_a_wedged_process_ends_itself() -> None:
    began = monotonic()
    done = subprocess.run([sys.executable, "-c", WEDGED], timeout=50, check=False)
    assert (done.returncode, monotonic() - began < 30) == (70, True)
