"""拒收过多: one bad record never stops a source, most of them do."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from services.ingest.domain.refusal_limit import RefusalLimit, Tally
from shared.kernel.trading_day import CHINA

LIMIT = RefusalLimit(refused=10, share=0.5, minutes=5, file_rows=3, file_share=0.5)
AT = datetime(2026, 6, 1, 10, 0, 30, tzinfo=CHINA)
MINUTE = timedelta(minutes=1)


def noted(*counts: tuple[int, int], every: timedelta = MINUTE) -> tuple[Tally, datetime]:
    tally, at = Tally(), AT
    for seen, refused in counts:
        at += every
        tally = tally.noted(seen, refused, at, LIMIT.window)
    return tally, at


@pytest.mark.parametrize(
    ("counts", "stops"),
    [
        ([(1, 1)], False),
        ([(10, 10)], False),  # as many as may be
        ([(11, 11)], True),
        ([(22, 11)], False),  # half of all is not more than half
        ([(21, 11)], True),
        ([(5, 5), (5, 5), (1, 1)], True),
        ([(1000, 0), (11, 11)], False),  # a good source with a bad minute
        ([(11, 11), (0, 0)], True),
    ],
)
def test_beyond_the_number_and_the_share_it_stops(
    counts: list[tuple[int, int]], stops: bool
) -> None:
    tally, at = noted(*counts)
    stop = tally.stop("s", LIMIT, at)
    assert (stop is not None) is stops
    if stop:
        assert stop.until == at + timedelta(minutes=5)
        assert str(stop).startswith("too many refused: 1")


def test_what_is_older_than_the_window_is_forgotten() -> None:
    tally, at = noted((6, 6), (5, 5), every=timedelta(minutes=6))
    assert tally.stop("s", LIMIT, at) is None
    tally, at = noted((6, 6), (5, 5), every=timedelta(minutes=4))
    assert tally.stop("s", LIMIT, at) is not None


def test_a_tally_is_as_long_as_its_window() -> None:
    tally, _ = noted(*[(1, 0)] * 100)
    assert len(tally.counts) <= 5
    within, _ = noted(*[(1, 0)] * 20, every=timedelta(seconds=1))
    assert (len(within.counts), within.counts[0].seen) == (1, 20)


@pytest.mark.parametrize(
    ("good", "bad", "whole"),
    [(0, 3, False), (0, 4, True), (4, 4, False), (3, 4, True), (1000, 4, False), (100, 0, False)],
)
def test_a_file_is_refused_whole_for_most_of_its_rows(good: int, bad: int, whole: bool) -> None:
    assert LIMIT.whole_file(good, bad) is whole


@pytest.mark.parametrize("wrong", [{"share": 0}, {"share": 1.1}, {"refused": 0}, {"minutes": 0}])
def test_a_limit_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        RefusalLimit.model_validate(wrong)
