"""A pull of a broker's table: each row once, late rows found, facts and mark in one transaction."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import DBAPIError

from services.ingest.adapters.pull import PulledTable
from services.ingest.agent.guarding import Guard
from services.ingest.agent.pulling import Overtaken, Pull, Pulling
from services.ingest.domain.books import Entry, StoresAway
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.profile import Profile
from services.ingest.domain.redriving import NoWay, way_of
from services.ingest.domain.refusal_limit import RefusalLimit
from services.ingest.domain.rehearsal import Rehearsal
from services.ingest.pull_settings import PullSettings
from shared.clock import DrivenClock
from shared.kernel.trading_day import CHINA
from tests.kit.guard import Stops
from tests.kit.ingest import BROKER, DAY, FakeBooks, fundchg
from tests.kit.ingest_broker import FUNDS, NOW, Broker
from tests.kit.profiles import profile
from tests.kit.pull_process import FLOW

Row = tuple[int, str, str, Any]
BALANCES = """
name: flow
takes: balances
columns: {account: 账号, trading_day: at, equity: 金额, available: 金额}
"""


class Site:
    """A broker's table in SQLite and one that pulls it, over fake books."""

    def __init__(self, folder: Path, text: str = FLOW, **told: Any) -> None:
        self.path, self.driver = folder / "broker.db", "sqlite+aiosqlite"
        self.ask("CREATE TABLE flow (id INTEGER, at TEXT, 账号 TEXT, 金额 TEXT, n INTEGER)")
        self.books = FakeBooks()
        self.broker = Broker(self.books.open)
        self.profile = profile(text)
        self.told = {
            "table": "flow",
            "watermark": "n",
            "key": "id",
            "overlap": 5,
            "batch": 3,
            "live_from": DAY,
        } | told

    def ask(self, query: str, *rows: Sequence[Any]) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.executemany(query, rows) if rows else connection.execute(query)

    def add(self, *rows: Row, at: int | None = None) -> None:
        """Add rows: id, moment, account, amount; the watermark is the id unless given."""
        given = [(*row, row[0] if at is None else at) for row in rows]
        self.ask("INSERT INTO flow VALUES (?, ?, ?, ?, ?)", *given)

    def pulling(self, name: str = "flow") -> Pulling:
        """Return a pull as a freshly started replica has it."""
        settings = PullSettings(
            url=SecretStr(f"{self.driver}:///{self.path}"), profile="flow", **self.told
        )
        mapper = Mapper(self.profile, BROKER, "pull")
        pull = Pull(
            name,
            mapper,
            settings.watermark,
            settings.key,
            settings.overlap,
            settings.batch,
            settings.live_from,
        )
        columns = [c.column for c in self.profile.columns.values() if c.column]
        return Pulling(pull, PulledTable(settings, columns), self.broker.intake)

    def serials(self) -> list[str]:
        return [
            event["data"]["serial"] for event in self.books.now.told() if "serial" in event["data"]
        ]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def moved(number: int, amount: Any = "5.00", account: str = "80012345") -> Row:
    return (number, "2026-06-01 10:00:00", account, amount)


async def test_a_stopped_pull_stands_where_it_is_and_goes_on_from_there(site: Site) -> None:
    """Six bad rows in two batches are too many; the good ones behind them wait."""
    site.add(*(moved(n, "x") for n in range(1, 7)), *(moved(n) for n in range(7, 10)))
    stops = Stops()
    pulling = site.pulling()
    pulling.guard = Guard(RefusalLimit(refused=5), DrivenClock(NOW), stops.open)
    assert await pulling.round() == 0
    assert len(site.books.now.letters()) == 6
    assert (await pulling.round(), site.serials()) == (0, [])
    assert list(stops.rows) == ["pull:flow"]
    stops.rows.clear()
    await pulling.guard.refresh()
    assert await pulling.round() == 3


async def test_every_row_is_told_once_in_batches(site: Site) -> None:
    site.add(*(moved(n) for n in range(1, 8)))
    pulling = site.pulling()
    assert await pulling.round() == 7
    assert await pulling.round() == 0
    assert site.serials() == [str(n) for n in range(1, 8)]
    (event, *_) = site.books.now.told("funds.deposited")
    assert (event["source"], event["data"]["source"]) == ("guanchao/flow", "pull")


async def test_a_driver_that_blocks_is_asked_in_a_thread(site: Site) -> None:
    site.driver = "sqlite"
    site.add(moved(1))
    assert await site.pulling().round() == 1


async def test_rows_of_one_watermark_are_parted_by_their_key(site: Site) -> None:
    site.add(*(moved(n) for n in range(1, 9)), at=50)
    assert await site.pulling().round() == 8
    assert sorted(site.serials()) == [str(n) for n in range(1, 9)]


async def test_a_late_row_is_found_within_the_overlap_and_not_beyond_it(site: Site) -> None:
    pulling = site.pulling()
    site.add(moved(100))
    await pulling.round()
    site.add(moved(96), moved(94))
    assert await pulling.round() == 1
    assert site.serials() == ["100", "96"]


async def test_a_new_start_goes_on_where_the_facts_are(site: Site) -> None:
    site.add(*(moved(n) for n in range(1, 5)))
    await site.pulling().round()
    site.add(moved(20))
    assert await site.pulling().round() == 1
    assert site.serials() == ["1", "2", "3", "4", "20"]


async def test_what_was_not_stored_does_not_move_the_mark(site: Site) -> None:
    site.add(*(moved(n) for n in range(1, 8)))
    pulling = site.pulling()
    write, calls = site.books.open, 0

    def failing() -> Any:
        nonlocal calls
        calls += 1
        site.books.fail = StoresAway("gone") if calls == 3 else None
        return write()

    object.__setattr__(site.broker.intake, "open_books", failing)
    with pytest.raises(StoresAway):
        await pulling.round()
    assert len(site.serials()) == 3
    object.__setattr__(site.broker.intake, "open_books", write)
    site.books.fail = None
    await site.pulling().round()
    assert site.serials() == [str(n) for n in range(1, 8)]


async def test_what_was_there_before_a_pull_was_connected_is_history(tmp_path: Path) -> None:
    """It is Tuesday: of the whole table its rows are news alone, and those of the days after it."""
    site = Site(tmp_path, live_from=None)
    days = ("2023-03-03", "2025-03-03", "2026-06-01", "2026-06-02")
    site.add(*((n, f"{day} 10:00:00", "80012345", "-6.00") for n, day in enumerate(days, 1)))
    assert await site.pulling().round() == 3
    assert site.books.now.letters() == []  # of a day before the calendar
    site.broker.clock.advance(datetime(2026, 6, 3, 9, 0, tzinfo=CHINA))
    site.add((5, "2026-06-02 22:00:00", "80012345", "-6.00"), (6, days[2], "80012345", "-6.00"))
    assert await site.pulling().round() == 2
    told = {e["data"]["serial"]: e["data"]["backfill"] for e in site.books.now.told()}
    assert told == {"2": True, "3": True, "4": False, "5": False, "6": True}


async def test_settled_figures_of_days_before_a_pull_are_history_too(tmp_path: Path) -> None:
    site = Site(tmp_path, BALANCES, live_from=None)
    site.add((1, "2026-06-01", "80012345", "100.00"), (2, "2026-06-02", "80012345", "7"))
    assert await site.pulling().round() == 2
    told = [(e["data"]["trading_day"], e["data"]["backfill"]) for e in site.books.now.told()]
    assert told == [("2026-06-01", True), ("2026-06-02", False)]


async def test_a_pull_that_is_older_than_the_question_goes_on_telling_all_as_news(
    site: Site,
) -> None:
    async with site.books.open() as books:
        await books.directory.write("pulls", {"flow": Entry(4, b'[["int","1"],["int","1"]]')})
    site.told["live_from"] = None
    site.add(moved(2))
    await site.pulling().round()
    assert [e["data"]["backfill"] for e in site.books.now.told()] == [False]


async def test_of_two_replicas_one_takes_a_batch(site: Site) -> None:
    site.add(*(moved(n) for n in range(1, 3)))
    one, two = site.pulling(), site.pulling()
    rows = await two.table.after(None)
    await one.round()
    with pytest.raises(Overtaken):
        await two._take(rows, two.place)
    assert site.serials() == ["1", "2"]


async def test_a_bad_row_is_one_letter_however_often_it_is_met(site: Site) -> None:
    site.add(moved(1), moved(3, "x"), moved(4))
    pulling = site.pulling()
    for _ in range(3):
        await pulling.round()
    assert site.serials() == ["1", "4"]
    reasons = [letter.headers["reason"] for letter in site.books.now.letters() if letter.headers]
    assert reasons == ["金额: not an amount: 'x'"]


async def test_a_row_that_was_corrected_is_read_by_a_newer_watermark_or_another_name(
    site: Site,
) -> None:
    """The letter does not go back by itself, and says so; what was told is not told again."""
    site.add(moved(1), moved(2, "x"), moved(3, "x"))
    await site.pulling().round()
    (letter, _) = site.books.now.letters()
    with pytest.raises(NoWay, match="flow: correct the profile, or the row; then"):
        way_of(letter.topic, letter.headers or {})
    site.ask("UPDATE flow SET 金额 = '5.00'")
    assert await site.pulling().round() == 0
    site.ask("UPDATE flow SET n = 4 WHERE id = 3")
    assert await site.pulling().round() == 1
    assert await site.pulling("flow2").round() == 1
    assert site.serials() == ["1", "3", "2"]


async def test_a_float_is_refused_with_its_place(tmp_path: Path) -> None:
    site = Site(
        tmp_path, query="SELECT id, at, 账号, CAST(金额 AS REAL) AS 金额, n FROM flow", table=""
    )
    site.add(moved(1))
    await site.pulling().round()
    (letter,) = site.books.now.letters()
    assert letter.headers
    assert letter.headers["reason"].startswith("金额: a float is not exact")
    assert b"80012345" not in letter.body


async def test_a_movement_that_was_told_live_is_not_told_again_by_the_file(site: Site) -> None:
    site.add(moved(1, "-5.00"))
    await site.pulling().round()
    await site.broker.drop(FUNDS, fundchg("80012345", "-5.00"))
    assert [event["type"] for event in site.books.now.told()] == ["funds.withdrawn"]


async def test_balances_are_settled_and_settled_again_when_they_change(tmp_path: Path) -> None:
    site = Site(tmp_path, BALANCES)
    site.add((1, "2026-06-01", "80012345", "100.00"), (2, "2026-06-01", "80012346", "7"))
    pulling = site.pulling()
    assert await pulling.round() == 2
    assert await pulling.round() == 0
    for number, equity in ((3, "101"), (4, "100")):
        site.add((number, "2026-06-01", "80012345", equity))
        await pulling.round()
    equities = [
        event["data"]["equity"]
        for event in site.books.now.told("account.settled")
        if event["data"]["account"] == "80012345"
    ]
    assert equities == ["100.00", "101", "100"]


REHEARSAL = Rehearsal(frozenset({date(2026, 6, 6)}), frozenset({"guanchao/test"}))


def rehearsing(folder: Path, text: str, rehearsal: Rehearsal = REHEARSAL) -> Site:
    site = Site(folder, text, watermark="at", key="id")
    site.broker.intake = replace(site.broker.intake, rehearsal=rehearsal)
    return site


async def test_what_happened_in_a_rehearsal_is_marked_and_met_by_no_file(tmp_path: Path) -> None:
    site = rehearsing(tmp_path, FLOW)
    site.add(moved(1, "-5.00"), (2, "2026-06-06 10:00:00", "80012345", "-5.00"))
    assert await site.pulling().round() == 2
    told = [(e["data"]["trading_day"], e["data"]["rehearsal"]) for e in site.books.now.told()]
    assert told == [("2026-06-01", False), ("2026-06-08", True)]
    assert [m.key.trading_day for m in site.books.now.movements.values()] == [DAY]


async def test_in_a_rehearsal_nothing_is_settled_and_its_rows_are_passed_over(
    tmp_path: Path,
) -> None:
    site = rehearsing(tmp_path, BALANCES)
    site.add((1, "2026-06-01", "80012345", "100.00"), (2, "2026-06-06", "80012345", "7"))
    site.broker.clock.advance(datetime(2026, 6, 6, 10, 0, tzinfo=CHINA))
    pulling = site.pulling()
    assert (await pulling.round(), site.books.now.facts) == (0, {})
    site.broker.clock.advance(datetime(2026, 6, 8, 10, 0, tzinfo=CHINA))
    assert (await pulling.round(), await pulling.round()) == (1, 0)
    assert [e["data"]["equity"] for e in site.books.now.told("account.settled")] == ["100.00"]
    (letter,) = site.books.now.letters()
    assert letter.headers
    assert letter.headers["reason"] == "1 rows of a rehearsal: they would settle a real day"
    assert b"80012345" not in letter.body


async def test_a_source_that_is_for_rehearsals_settles_nothing(tmp_path: Path) -> None:
    site = rehearsing(tmp_path, BALANCES, Rehearsal(sources=frozenset({"guanchao/flow"})))
    site.add((1, "2026-06-01", "80012345", "100.00"))
    assert (await site.pulling().round(), site.books.now.facts) == (0, {})


async def test_a_pull_only_reads(site: Site) -> None:
    only = "SELECT id, at, 账号, 金额, n FROM flow, pragma_query_only WHERE query_only = 1"
    site.told |= {"table": "", "query": only}
    site.add(moved(1))
    assert await site.pulling().round() == 1


async def test_a_query_that_does_not_select_is_refused_by_the_database(site: Site) -> None:
    site.told |= {"table": "", "query": "DELETE FROM flow RETURNING *"}
    site.add(moved(1))
    with pytest.raises(DBAPIError):
        await site.pulling().round()
    with sqlite3.connect(site.path) as connection:
        assert connection.execute("SELECT count(*) FROM flow").fetchone() == (1,)


@pytest.mark.parametrize(
    "told",
    [
        {"table": "a", "query": "SELECT 1"},
        {"table": "", "query": ""},
        {"table": "a b"},
        {"table": "a", "batch": 0},
        {"table": "a", "overlap": -1},
        {"table": "a", "unknown": 1},
    ],
)
def test_a_pull_that_cannot_be_is_refused(told: dict[str, Any]) -> None:
    given = {"url": "sqlite://", "profile": "flow", "watermark": "n", "key": "id"} | told
    with pytest.raises(ValidationError):
        PullSettings.model_validate(given)


def test_a_url_is_never_printed() -> None:
    pull = PullSettings(
        url=SecretStr("postgresql+asyncpg://u:secret@h/d"),
        profile="p",
        table="t",
        watermark="n",
        key="id",
    )
    assert "secret" not in f"{pull!r}"


def test_a_profile_of_a_query_needs_no_file() -> None:
    assert (
        Profile.model_validate(
            {
                "name": "ours",
                "takes": "agreements",
                "columns": {"account": "a", "kind": "k", "ends_on": "e"},
            }
        ).file
        is None
    )
