"""The clock's own silence: told by a metric, since no event comes that could tell it."""

from services.mot.minutes import Minutes


class Wall:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_partition_that_waits_longest_is_what_is_told() -> None:
    wall = Wall()
    minutes = Minutes(wall)
    minutes.own([1, 2])
    wall.now += 60
    minutes.heard(1)
    wall.now += 30
    assert minutes.silent() == 90
    minutes.heard(2)
    assert minutes.silent() == 30


def test_who_owns_nothing_waits_for_nothing_and_a_new_partition_is_waited_for_from_now_on() -> None:
    wall = Wall()
    minutes = Minutes(wall)
    assert minutes.silent() == 0
    minutes.own([1])
    wall.now += 400
    minutes.own([1, 2])
    assert minutes.silent() == 400
    minutes.own([2])
    assert minutes.silent() == 0
    minutes.heard(1)
    wall.now += 5
    assert minutes.silent() == 5
