"""Turns are interleaved, judged, and become a median; a refused side has no figure."""

from collections.abc import Callable

import pytest

from bench.catalogue import Side
from bench.harness import Figure, Turn, figure, interleave, order
from bench.verdict import Refused

A, B, C = (Side(name, "w1", "raw") for name in "abc")


def never(_: Turn) -> None:
    """Nobody waits."""


def rates(**by_side: list[float]) -> Callable[[Side, int], float]:
    return lambda side, number: by_side[side.name][number]


def test_sides_take_turns_and_each_round_begins_with_another() -> None:
    names = [(side.name, number) for side, number in order([A, B, C], 4)]
    rounds = ["".join(name for name, at in names if at == number) for number in range(4)]
    assert rounds == ["abc", "bca", "cab", "abc"]


def test_a_figure_is_the_median_with_its_spread() -> None:
    turns = interleave([A, B], 3, rates(a=[100, 300, 110], b=[1, 2, 3]), never)
    found = figure(turns, "a")
    assert found == Figure(110, 100, 300)
    assert found.spread == pytest.approx(200 / 110)
    assert figure(turns, "b").median == 2


def test_one_wrong_turn_takes_the_figure_and_the_side_is_not_asked_again() -> None:
    asked: list[str] = []

    def run(side: Side, number: int) -> float:
        asked.append(side.name)
        if side is A and number == 1:
            raise Refused("an alert too many")
        return 5.0

    turns = interleave([A, B], 4, run, never)
    assert figure(turns, "a") == Figure(None, None, None, "an alert too many")
    assert figure(turns, "a").spread is None
    assert figure(turns, "b").median == 5
    assert asked.count("a") == 2
    assert asked.count("b") == 4


def test_a_side_that_never_ran_has_no_figure() -> None:
    assert figure([], "a") == Figure(None, None, None, "not run")


def test_a_mistake_of_the_harness_is_not_taken_for_a_refusal() -> None:
    def run(side: Side, number: int) -> float:
        raise KeyError(side.name)

    with pytest.raises(KeyError):
        interleave([A], 1, run, never)
