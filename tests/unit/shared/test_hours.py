"""品种时段: each product's own sessions, on every kind of evening."""

from datetime import date, datetime

import pytest

from shared.kernel.hours import Timetable, UnknownProduct, product_of, timetable
from shared.kernel.sessions import closing, next_open, opening, segment_start, sessions, trades_at
from shared.kernel.trading_day import CHINA, OutsideCoverage, china

NIGHTS = {
    "21:00-02:30": "au ag sc",
    "21:00-01:00": "cu al zn pb ni sn ss ao ad bc",
    "21:00-23:00": "a b c cs m y p l v pp j jm i eg eb rr pg cf cy sr ta oi ma fg rm zc pf px sh "
    "sa pr rb hc fu bu ru sp br op nr lu",
    "None": "if ih ic im t tf tl ts si lc ps pt pd wr ec ap cj jd lh lg sf sm ur pk wh pm ri lr jr "
    "rs bb fb",
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize("night", NIGHTS)
def test_each_product_trades_at_night_until_its_own_end(night: str) -> None:
    found = {p for p in timetable().products if str(timetable().of(p, DAY).night) == night}
    assert set(NIGHTS[night].split()) <= found
    assert found - set(NIGHTS[night].split()) <= {"bz", "pl"}


DAY = date(2026, 6, 1)


def test_every_line_says_where_it_is_from_and_when_it_was_read() -> None:
    lines = timetable().lines
    assert len(lines) == 88
    assert all(line.source and line.verified_on.year >= 2026 for line in lines)
    assert len({line.product for line in lines}) == len(lines)


@pytest.mark.parametrize(
    ("product", "day", "begin", "end"),
    [
        ("au", "2026-06-01", "2026-05-29 21:00", "2026-06-01 15:00"),  # Friday's night
        ("rb2610", "2026-06-02", "2026-06-01 21:00", "2026-06-02 15:00"),
        ("AP610", "2026-06-02", "2026-06-02 09:00", "2026-06-02 15:00"),
        ("IF2606", "2026-06-02", "2026-06-02 09:30", "2026-06-02 15:00"),
        ("T2609", "2026-06-02", "2026-06-02 09:30", "2026-06-02 15:15"),
        ("au", "2026-10-08", "2026-10-08 09:00", "2026-10-08 15:00"),  # back from a holiday
        ("au", "2024-01-02", "2024-01-02 09:00", "2024-01-02 15:00"),  # the first day known
    ],
)
def test_a_trading_day_opens_and_closes(product: str, day: str, begin: str, end: str) -> None:
    asked = date.fromisoformat(day)
    assert opening(asked, product, china()) == at(begin)
    assert closing(asked, product, china()) == at(end)


def test_a_day_without_trading_has_no_sessions() -> None:
    saturday = date(2026, 6, 6)
    assert sessions(saturday, "au", china()) == ()
    assert opening(saturday, "au", china()) is closing(saturday, "au", china()) is None


@pytest.mark.parametrize(
    ("moment", "product", "trades"),
    [
        ("2026-06-02 02:29:59", "au", True),
        ("2026-06-02 02:30", "au", False),
        ("2026-06-02 00:59:59", "cu", True),
        ("2026-06-02 01:00", "cu", False),
        ("2026-06-01 22:59:59", "rb", True),
        ("2026-06-01 23:00", "rb", False),
        ("2026-06-01 20:59:59", "au", False),
        ("2026-06-01 10:20", "au", False),
        ("2026-06-01 10:20", "IF", True),
        ("2026-06-01 15:10", "T", True),
        ("2026-06-01 15:10", "IF", False),
        ("2026-05-30 01:00", "sc", True),  # Saturday, Friday's night
        ("2026-05-31 22:00", "sc", False),  # Sunday
        ("2026-09-30 22:00", "au", False),  # no night before a holiday
        ("2026-10-08 22:00", "au", True),
    ],
)
def test_a_product_trades_in_its_own_hours(moment: str, product: str, trades: bool) -> None:
    assert trades_at(at(moment), product, china()) is trades
    assert not trades or segment_start(at(moment), china()) or product in ("T", "IF")


@pytest.mark.parametrize(
    ("moment", "product", "begin"),
    [
        ("2026-06-01 09:00", "au", "2026-06-01 09:00"),  # the moment itself
        ("2026-06-01 10:16", "au", "2026-06-01 10:30"),
        ("2026-06-01 15:01", "au", "2026-06-01 21:00"),
        ("2026-06-05 15:01", "au", "2026-06-05 21:00"),  # Friday evening
        ("2026-06-05 15:01", "IF", "2026-06-08 09:30"),
        ("2026-06-05 21:01", "au", "2026-06-08 09:00"),
        ("2026-06-06 12:00", "au", "2026-06-08 09:00"),
        ("2026-09-30 15:00", "rb", "2026-10-08 09:00"),
    ],
)
def test_a_product_opens_next(moment: str, product: str, begin: str) -> None:
    assert next_open(at(moment), product, china()) == at(begin)


def test_beyond_the_calendar_and_the_timetable_nothing_is_guessed() -> None:
    with pytest.raises(OutsideCoverage):
        next_open(at("2026-12-31 15:00"), "au", china())
    with pytest.raises(OutsideCoverage):
        sessions(date(2027, 1, 4), "au", china())
    with pytest.raises(UnknownProduct, match="no hours of 'xx9912' in timetable hours-"):
        trades_at(at("2026-06-01 10:00"), "xx9912", china())
    with pytest.raises(UnknownProduct, match="before 2024-01-01"):
        timetable().of("au", date(2023, 12, 29))
    with pytest.raises(UnknownProduct, match="not a product"):
        product_of("2501")
    with pytest.raises(UnknownProduct, match="timetable none"):
        Timetable().of("au", DAY)
