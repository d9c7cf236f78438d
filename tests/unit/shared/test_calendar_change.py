"""日历变更: a file extends or changes the shipped calendar, or is refused with its place."""

from datetime import date, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from shared.calendars import calendar_at
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.sessions import next_open, sessions, trades_at
from shared.kernel.trading_day import CHINA, Calendar, china

HEAD = "version: '2027'\nsource: 各交易所 2027 年休市安排\nverified_on: 2026-12-20\n"
YEAR = """
coverage: {first: 2027-01-01, last: 2027-12-31}
closed:
  - 2027-01-01
  - 2027-02-05..2027-02-12   # weekends in a range are passed over
  - 2027-04-05
  - 2027-05-03
  - 2027-06-09
  - 2027-09-15
  - 2027-10-01..2027-10-07
"""


@pytest.fixture
def given(tmp_path: Path) -> "Given":
    return Given(tmp_path / "calendar.yaml")


class Given:
    """A calendar file with some text below its head."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str, head: str = HEAD) -> Calendar:
        self.path.write_text(head + dedent(text), encoding="utf-8")
        return calendar_at(self.path)

    def refused(self, text: str, head: str = HEAD) -> str:
        with pytest.raises(WrongCalendar) as wrong:
            self(text, head)
        return str(wrong.value)


def test_without_a_file_it_is_the_shipped_one() -> None:
    assert calendar_at(None) is china()


def test_a_year_is_added(given: Given) -> None:
    calendar = given(YEAR)
    assert (calendar.first, calendar.last) == (date(2024, 1, 1), date(2027, 12, 31))
    assert calendar.after(date(2026, 12, 31)) == date(2027, 1, 4)
    assert calendar.judgement_day(date(2026, 12, 16)) == date(2027, 1, 15)
    assert 240 <= sum(day.year == 2027 for day in calendar.days) <= 250
    assert calendar.days[: len(china().days)] == china().days


def test_evenings_before_its_holidays_have_no_night(given: Given) -> None:
    added = {day for day in given(YEAR).no_night if day.year == 2027}
    assert {str(day) for day in added} == {
        "2027-02-04",
        "2027-04-02",
        "2027-04-30",
        "2027-06-08",
        "2027-09-14",
        "2027-09-30",
        "2027-12-31",
    }
    assert china().no_night <= given(YEAR).no_night


def test_its_version_names_both_and_the_content(given: Given) -> None:
    version = given(YEAR).version
    assert version.startswith(f"{china().version}+2027.")
    other = given(YEAR.replace("2027-06-09", "2027-06-10")).version
    assert other != version
    assert other.rpartition(".")[0] == version.rpartition(".")[0]
    assert given(f"# only a remark\n{YEAR}").version == version


def test_json_is_read_as_well(given: Given) -> None:
    text = (
        '{"version": "x", "source": "s", "verified_on": "2026-12-20", "no_night": ["2026-12-30"]}'
    )
    assert date(2026, 12, 30) in given(text, head="").no_night


def test_a_typhoon_closes_a_day_and_its_evening_before(given: Given) -> None:
    calendar = given("closed: [2026-12-02]")
    assert not calendar.is_trading_day(date(2026, 12, 2))
    assert calendar.after(date(2026, 12, 1)) == date(2026, 12, 3)
    assert date(2026, 12, 1) in calendar.no_night


def test_evenings_are_taken_away_and_given_back(given: Given) -> None:
    calendar = given("no_night: [2026-12-03]\nnight: [2026-02-13]")
    assert date(2026, 12, 3) in calendar.no_night
    assert date(2026, 2, 13) not in calendar.no_night
    assert calendar.days == china().days


def test_a_saturday_trades_only_when_forced(given: Given) -> None:
    assert given.refused("open: [2026-12-05]").startswith("open[0]: 2026-12-05 is a Saturday")
    calendar = given("open: [2026-12-05]\nforced: [2026-12-05]")
    assert calendar.is_trading_day(date(2026, 12, 5))
    assert calendar.at(datetime(2026, 12, 4, 21, 5, tzinfo=CHINA)) == date(2026, 12, 5)


def test_a_products_hours_change_from_a_day_on(given: Given) -> None:
    calendar = given(
        """
        products:
          - {exchange: CZCE, products: AP CJ, since: 2026-12-07, day: 09:00-10:15 10:30-11:30,
             night: 21:00-23:00, source: 公告, verified_on: 2026-12-01}
        """
    )
    old, new = date(2026, 12, 4), date(2026, 12, 7)
    assert len(sessions(old, "ap", calendar)) == 3
    assert [s.begin.hour for s in sessions(new, "AP701", calendar)] == [21, 9, 10]
    evening = datetime(2026, 12, 4, 22, 0, tzinfo=CHINA)
    assert trades_at(evening, "ap", calendar)
    assert not trades_at(evening, "ap", china())
    assert next_open(evening, "cj", calendar).day == 7
    assert calendar.timetable.version == "hours-20261122+2027"
    assert calendar.timetable.of("au", new) == china().timetable.of("au", new)


def test_what_the_shipped_calendar_says_already_may_stay_in_the_file(given: Given) -> None:
    text = """
    coverage: {first: 2026-10-01, last: 2026-12-31}
    closed: [2026-10-01..2026-10-07]
    """
    calendar = given(text)
    assert (calendar.days, calendar.no_night) == (china().days, china().no_night)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("coverage: {first: 2027-02-01, last: 2027-12-31}", "coverage.first: leaves a gap after"),
        ("coverage: {first: 2020-01-01, last: 2022-12-31}", "coverage.last: leaves a gap before"),
        ("coverage: {first: 2027-02-01, last: 2027-01-01}", "coverage.last: 2027-01-01 is before"),
        ("coverage: {first: 2027-01-01}", "coverage: Object missing required field `last`"),
        ("coverage: {first: 2027-01-01, last: 2027-12-31}", "closed: lacks 2027-01-01"),
        (
            "coverage: {first: 2026-09-25, last: 2026-12-31}\nclosed: [2026-10-01..2026-10-07]",
            "closed: lacks 2026-09-25, closed in xshg",
        ),
        ("closed: [2027-01-01]", "closed[0]: 2027-01-01 is outside 2024-01-01 to 2026-12-31"),
        ("closed: [2026-12-01, 1 December]", "closed[1]: no day"),
        ("closed: [2026-12-04..2026-12-01]", "closed[0]: 2026-12-01 is before 2026-12-04"),
        ("closed: 2026-12-04", "closed: Expected `array`, got `str`"),
        ("closed: [2026-12-04]\nopen: [2026-12-04]", "closed[0] and open[0]: 2026-12-04 is both"),
        ("night: [2026-12-04]\nno_night: [2026-12-04]", "no_night[0] and night[0]: 2026-12-04"),
        ("no_night: [2026-12-05]", "no_night[0]: 2026-12-05 is no trading day"),
        ("closed: [2026-12-04]\nnight: [2026-12-04]", "night[0]: 2026-12-04 is no trading day"),
        ("holidays: [2026-12-04]", "file: Object contains unknown field `holidays`"),
        ("closed: [2026-12-04]\nclosed: [2026-12-07]", "closed: stands twice in the block"),
        ("closed: [2026-12-04", "line "),
        ("- closed", "line "),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(given: Given, text: str, says: str) -> None:
    assert given.refused(text).startswith(says)


LINE = "exchange: X, products: xx, since: 2027-01-04, source: s, verified_on: 2026-12-01"


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("day: 9:00-10:15", "products[0]: not HH:MM-HH:MM: '9:00-10:15'"),
        ("day: 09:00-25:15", "products[0]: not a time of day"),
        ("day: 10:30-11:30 09:00-10:15", "products[0]: the day's segments overlap"),
        ("day: 15:00-09:00", "products[0]: a segment of the day ends before it begins"),
        ("day: ''", "products[0]: day needs one segment"),
        ("day: 09:00-10:15, night: 15:00-16:00", "products[0]: night 15:00-16:00 is not between"),
        ("day: 09:00-10:15, night: 21:00-04:00", "products[0]: night 21:00-04:00 is not between"),
    ],
)
def test_hours_that_cannot_be_are_refused(given: Given, hours: str, says: str) -> None:
    assert given.refused(f"products: [{{{LINE}, {hours}}}]").startswith(says)


def test_the_same_product_twice_is_refused(given: Given) -> None:
    line = f"{{{LINE}, day: 09:00-10:15}}"
    assert given.refused(f"products: [{line}, {line}]").startswith("products[1]: xx since")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (HEAD.replace("'2027'", "'a b'"), "version: letters"),
        (HEAD.replace("各交易所 2027 年休市安排", "''"), "source: missing"),
        ("version: x\nsource: s\n", "file: Object missing required field `verified_on`"),
        ("", "file: "),
    ],
)
def test_a_file_says_what_it_is_and_where_from(given: Given, head: str, says: str) -> None:
    assert given.refused("", head).startswith(says)


def test_a_file_that_cannot_be_read_is_named(given: Given) -> None:
    with pytest.raises(WrongCalendar, match=r"calendar\.yaml: cannot be read"):
        calendar_at(given.path)
    given.path.write_bytes(b"version: \xff")
    with pytest.raises(WrongCalendar, match="not UTF-8"):
        calendar_at(given.path)
