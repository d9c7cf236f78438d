"""Day after day: books that go on, identities that never come back, a place that is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from deploy.synthetic.season import AnotherSeason, Bookmark, Place, Season
from deploy.synthetic.stage import Unplayable
from deploy.synthetic.timeline import Minute
from shared.kernel.trading_day import TradingDay, china

BEGAN = TradingDay(date(2026, 6, 1))
SEASON = Season(china(), BEGAN, accounts=70, seed=7)
DAYS = [BEGAN, china().after(BEGAN), china().after(BEGAN, 2)]
PLACE = Place(BEGAN, BEGAN, None, 7, 70)


def posted(minutes: Iterator[Minute]) -> list[str]:
    return [posting.identity for minute in minutes for posting in minute.postings if posting.good]


def rows(minutes: Iterator[Minute], kind: str) -> dict[str, list[str]]:
    """Return account → its last row of the day's files of a kind."""
    found: dict[str, list[str]] = {}
    for minute in minutes:
        for file in (file for dropping in minute.droppings for file in dropping.files()):
            if kind in file.name:
                found |= {line.split("@")[1]: line.split("@") for line in file.lines}
    return found


def test_no_identity_comes_back_on_a_later_day() -> None:
    days = [set(posted(SEASON.minutes(day))) for day in DAYS]
    assert all(days)
    assert not days[0] & days[1]
    assert not days[1] & days[2]


def test_the_days_follow_each_other_without_a_gap_or_a_minute_twice() -> None:
    first, second = ([minute.at for minute in SEASON.minutes(day)] for day in DAYS[:2])
    assert first[-1] < second[0]
    assert (second[0] - first[-1]).total_seconds() <= 600
    assert first == sorted(set(first))


def test_the_books_go_on_from_day_to_day() -> None:
    before = rows(SEASON.minutes(DAYS[0]), "cusfund")
    for day in DAYS[1:]:
        now = rows(SEASON.minutes(day), "cusfund")
        both = [a for a in before.keys() & now.keys() if not a.startswith("89999")]
        assert len(both) > 60
        for account in both:
            assert now[account][6] == before[account][8], (day, account)
        before = now


def test_a_cast_is_on_the_books_before_its_day() -> None:
    coming = {
        actor.account
        for cast in SEASON._company(SEASON.stage(DAYS[1])).casts
        if cast.stage.day == DAYS[1]
        for actor in cast.actors
        if actor.episode.opening
    }
    assert coming
    assert coming <= rows(SEASON.minutes(DAYS[0]), "cusfund").keys()


def test_only_the_first_day_brings_its_history() -> None:
    def files(day: TradingDay) -> list[str]:
        made = (file for m in SEASON.minutes(day) for d in m.droppings for file in d.files())
        return [file.name for file in made if "cusfund" in file.name]

    before = [f"0001cusfund202605{day}.txt" for day in (25, 26, 27, 28, 29)]
    assert files(DAYS[0])[:5] == before
    assert set(files(DAYS[1])) == {"0001cusfund20260602.txt"}


def test_a_restart_goes_on_after_the_last_minute_that_was_played() -> None:
    minutes = list(SEASON.minutes(DAYS[1]))
    half = len(minutes) // 2
    rest = list(SEASON.minutes(DAYS[1], after=minutes[half].at))
    assert [minute.at for minute in rest] == [minute.at for minute in minutes[half + 1 :]]
    assert posted(iter(minutes)) == posted(iter(minutes[: half + 1])) + posted(iter(rest))


def test_the_place_survives(tmp_path: Path) -> None:
    bookmark = Bookmark(tmp_path / "state")
    assert bookmark.read(PLACE) == PLACE
    kept = changed(PLACE, day=DAYS[1], at=SEASON.stage(DAYS[1]).curtain_up)
    bookmark.write(kept)
    assert bookmark.read(PLACE) == kept


@pytest.mark.parametrize("other", [{"seed": 8}, {"accounts": 71}])
def test_another_season_is_not_mixed_in(tmp_path: Path, other: dict[str, int]) -> None:
    bookmark = Bookmark(tmp_path)
    bookmark.write(PLACE)
    with pytest.raises(AnotherSeason, match="seed 7 with 70 accounts"):
        bookmark.read(changed(PLACE, **other))


def test_a_place_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "season.json").write_text("{")
    with pytest.raises(AnotherSeason, match=r"season\.json cannot be read"):
        Bookmark(tmp_path).read(PLACE)


def test_the_season_ends_with_the_calendar() -> None:
    last = replace(SEASON, began=date(2026, 12, 11))
    assert list(last.minutes(date(2026, 12, 11)))
    with pytest.raises(Unplayable, match="2027-01-15 is outside"):
        last.minutes(date(2026, 12, 14))
