"""Where a stream is gone on with, and what a number is to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.ctp.sequence import MOST_GAPS, Fate, Progress, step


def taken(*numbers: int) -> tuple[Progress, list[str]]:
    progress, fates = Progress(), []
    for number in numbers:
        progress, fate = step(progress, number)
        fates.append(fate.value)
    return progress, fates


@pytest.mark.parametrize(
    ("numbers", "fates", "after"),
    [
        ((1, 2, 3), ["next", "next", "next"], 3),
        ((1, 1, 2), ["next", "known", "next"], 2),
        ((1, 4), ["next", "ahead"], 1),
        ((1, 4, 3), ["next", "ahead", "late"], 1),
        ((1, 4, 3, 2), ["next", "ahead", "late", "late"], 4),
        ((1, 4, 3, 3), ["next", "ahead", "late", "known"], 1),
        ((5, 6, 3), ["next", "next", "late"], 3),
        ((5, 4, 3), ["next", "late", "late"], 5),
    ],
)
def test_a_number_and_its_fate(numbers: tuple[int, ...], fates: list[str], after: int) -> None:
    progress, found = taken(*numbers)
    assert found == fates
    assert progress.resume_after == after


def test_nothing_seen_is_asked_for_from_the_beginning() -> None:
    assert Progress().resume_after == 0


def test_a_front_that_skips_by_design_does_not_grow_the_row_for_ever() -> None:
    progress, _ = taken(*range(1, 1000, 2))
    assert len(progress.gaps) == MOST_GAPS
    assert progress.last == 999


@given(st.lists(st.integers(1, 40), max_size=60))
def test_in_any_order_each_number_is_new_once_and_the_rest_is_missing(numbers: list[int]) -> None:
    progress, fates = taken(*numbers)
    seen: set[int] = set()
    for number, fate in zip(numbers, fates, strict=True):
        assert (fate == Fate.KNOWN) == (number in seen)
        seen.add(number)
    if seen:
        assert progress.missing == max(seen) - min(seen) + 1 - len(seen)
