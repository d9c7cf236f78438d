"""The mark of a pull: it never goes back, and a round begins some way before it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from services.ingest.domain.profiles.record import cells_of
from services.ingest.domain.pulls import Mark, NoMark, Place, back, decode, encode, mark_of
from services.ingest.domain.rows import BadRow

AT = datetime(2026, 6, 1, 10, 31, 5, 250, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [7, "a", Decimal("1.5"), AT, AT.replace(tzinfo=None), date(2026, 6, 1)]
)
def test_a_mark_is_read_back_as_it_was_written(value: object) -> None:
    mark = mark_of(value, 5)
    assert decode(encode(mark)) == mark
    assert type(mark.watermark) is type(value)


def test_no_mark_is_read_back_as_none() -> None:
    assert decode(encode(None)) is None


@pytest.mark.parametrize("value", [None, 1.5, True, b"x"])
def test_what_has_no_exact_order_is_no_mark(value: object) -> None:
    with pytest.raises(NoMark, match="has no exact order"):
        mark_of(value, 1)


def test_a_late_row_does_not_move_the_mark_back() -> None:
    place = Place().moved(Mark(10, 1)).moved(Mark(7, 9)).moved(Mark(10, 2))
    assert place == Place(3, Mark(10, 2))


def test_a_round_begins_before_the_mark() -> None:
    assert back(Mark(AT, 1), 60) == Mark(AT - timedelta(seconds=60))
    assert back(Mark(Decimal(10), 1), 3) == Mark(Decimal(7))
    assert back(Mark("b", 1), 3) == Mark("b")
    assert back(None, 3) is None


def test_the_cells_of_a_record_are_text() -> None:
    record = {
        "A": Decimal("1.500"),
        "B": datetime(2026, 6, 1, 2, 31, 5, tzinfo=UTC),
        "C": date(2026, 6, 1),
        "D": None,
        "E": 5,
        "F": True,
        "G": datetime(2026, 6, 1),  # noqa: DTZ001 a database has them
        "H": datetime(2026, 6, 1, 9, 30),  # noqa: DTZ001 a database has them
        "not read": 1.5,
    }
    assert cells_of(record, frozenset("abcdefgh")) == {
        "a": "1.500",
        "b": "2026-06-01 10:31:05+08:00",
        "c": "2026-06-01",
        "d": "",
        "e": "5",
        "f": "true",
        "g": "2026-06-01",
        "h": "2026-06-01 09:30:00",
    }


@pytest.mark.parametrize(
    ("value", "says"), [(1.5, "a float is not exact"), (b"1", "a bytes is no")]
)
def test_a_float_is_refused_with_its_column(value: object, says: str) -> None:
    with pytest.raises(BadRow, match=f"金额: {says}"):
        cells_of({"金额": value}, frozenset({"金额"}))
