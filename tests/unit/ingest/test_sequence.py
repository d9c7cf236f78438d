"""A source that counts its records: what is missing is known, what comes late narrows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain import sequence
from services.ingest.domain.sequence import Track, follow


@pytest.mark.parametrize(
    ("numbers", "track"),
    [
        ([1, 2, 3], Track(1, 3)),
        ([500], Track(500, 500)),
        ([1, 5], Track(1, 5, ((2, 4),), 1)),
        ([1, 5, 3], Track(1, 5, ((2, 2), (4, 4)), 1, 1)),
        ([1, 5, 2, 4, 3], Track(1, 5, (), 1, 3)),
        ([1, 3, 6], Track(1, 6, ((2, 2), (4, 5)), 2)),
        ([2, 1, 3], Track(1, 3, (), 0, 1)),
        ([1, 2, 3, 1, 2], Track(1, 2)),
        ([5, 6, 0, 1], Track(0, 1)),
        ([7, 9, 1, 3], Track(1, 3, ((2, 2),), 2)),
        ([3, 3], Track(3, 3, (), 0, 1)),
    ],
)
def test_a_track(numbers: list[int], track: Track) -> None:
    assert follow(None, numbers) == track


def test_nothing_is_no_track() -> None:
    assert follow(None, []) is None


def test_the_missing_are_counted() -> None:
    track = follow(None, [1, 5, 9])
    assert track is not None
    assert track.absent == 6


def test_a_source_with_too_many_gaps_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "MOST_RANGES", 2)
    track = follow(None, [1, 3, 5, 7])
    assert track is not None
    assert (track.missing, track.gaps) == (((4, 4), (6, 6)), 3)


@given(st.permutations(range(2, 12)), st.data())
def test_however_they_come_what_is_missing_is_what_did_not_come(
    order: list[int], data: st.DataObject
) -> None:
    came = data.draw(st.lists(st.sampled_from(order), unique=True))
    track = follow(None, [2, *came, 11])
    assert track is not None
    missing = {n for first, last in track.missing for n in range(first, last + 1)}
    assert missing == set(range(2, 12)) - {2, *came, 11}
