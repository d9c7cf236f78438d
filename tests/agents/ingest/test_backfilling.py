"""Files of past days are history: marked, closing no day, taken once, behind what is live."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from services.ingest.agent.backfilling import Backfill, as_history, of_days
from services.ingest.agent.dropping import Dropping
from services.ingest.agent.posting import Manner, Posting
from services.ingest.agent.taking import Fate, Outcome
from services.ingest.commands.backfilling import telling
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import StoresAway
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.progress import Progress
from services.ingest.domain.rehearsal import Rehearsal
from shared.kernel.trading_day import CHINA, china
from tests.kit.ingest import BROKER, DAY, FakeBooks, cusfund, file, fundchg, raw, ticked, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.profiles import ESUNNY, flow, profile, source
from tests.kit.statements import Says


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


async def nothing_waits() -> int:
    return 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FUNDS).write_bytes(file(fundchg("1", "-5"), "bad row"))
    (tmp_path / SETTLED).write_bytes(file(cusfund("1", "3")))
    for other in ("0137cusfund20260529.txt", "relations.csv", "notes.txt"):
        (tmp_path / other).write_bytes(b"x")
    return tmp_path


async def test_history_is_marked_and_closes_no_day(books: FakeBooks, folder: Path) -> None:
    filling = Backfill(as_history(Broker(books.open).intake), nothing_waits)
    paths, left = of_days(folder.glob("*"), DAY, DAY, filling.intake)  # noqa: ASYNC240 a test's
    assert [path.name for path in paths] == [FUNDS, SETTLED]
    assert [name for name, _ in left] == ["notes.txt", "relations.csv"]
    fates = [(await filling.take(path)).fate for path in paths]
    again = [(await filling.take(path)).fate for path in paths]
    assert (fates, again) == ([Fate.TAKEN] * 2, [Fate.KNOWN] * 2)
    told = books.now.told()
    assert [event["type"] for event in told] == ["funds.withdrawn", "account.settled"]
    assert all(event["data"]["backfill"] for event in told)
    assert (books.now.closed, len(books.now.letters())) == (set(), 1)


BALANCES = """
name: day-balances
takes: balances
file: {name: "balances_{day}.csv"}
columns: {account: a, equity: e, available: e}
"""
WITH_DAY, WITHOUT_DAY = "资金流水_20260601.csv", "80012345结算单.txt"
OF_EVERY_KIND = {
    FUNDS: file(fundchg("1", "-5")),
    SETTLED: file(cusfund("1", "3")),
    "80012345_20260601.txt": Says().moved("-300.00").data(),
    "balances_20260601.csv": b"a,e\n2,7\n",
    WITH_DAY: flow("80012346,20260601,20260601 10:31:05,F1,O,5.00,,人民币,银期"),
}


def put(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


async def test_every_kind_of_file_of_the_days_is_history(books: FakeBooks, tmp_path: Path) -> None:
    sources = (source(ESUNNY), *sources_of([profile(BALANCES)], BROKER))
    intake = as_history(replace(Broker(books.open).intake, profiles=sources))
    paths, left = of_days(put(tmp_path, OF_EVERY_KIND), DAY, DAY, intake)
    assert {path.name for path in paths} == OF_EVERY_KIND.keys()
    assert left == []
    filling = Backfill(intake, nothing_waits)
    fates = [(await filling.take(path)).fate for path in paths]
    assert fates == [Fate.TAKEN] * len(OF_EVERY_KIND)
    told = books.now.told()
    assert {event["source"] for event in told} == {
        "guanchao/fundchg",
        "guanchao/cusfund",
        "guanchao/statement",
        "guanchao/day-balances",
        "guanchao/esunny-funds",
    }
    assert all(event["data"]["backfill"] for event in told)


async def test_a_file_of_another_day_is_left_and_any_other_is_named_with_its_remedy(
    books: FakeBooks, tmp_path: Path
) -> None:
    others = ("80012345_20260529.txt", WITHOUT_DAY, "staff_20260601.csv", "what.bin", WITH_DAY)
    files = put(tmp_path, dict.fromkeys(others, b"x"))
    intake = as_history(Broker(books.open).intake)
    paths, left = of_days(files, DAY, DAY, intake)
    assert paths == []
    remedies = dict(left)
    assert remedies.keys() == {WITHOUT_DAY, "staff_20260601.csv", "what.bin", WITH_DAY}
    assert "give it one, such as _20260601" in remedies[WITHOUT_DAY]
    assert "leave it in the drop folder" in remedies["staff_20260601.csv"]
    assert "describe it by a profile" in remedies["what.bin"]
    assert "describe it by a profile" in remedies[WITH_DAY]


async def test_live_rows_of_a_closed_day_are_no_late_ones_when_they_are_history(
    books: FakeBooks,
) -> None:
    broker = Broker(books.open)
    await broker.drop(FUNDS, fundchg("80012346", "-5"))
    await broker.drop(SETTLED, cusfund("80012346", "3"))
    intake = as_history(replace(broker.intake, profiles=(source(ESUNNY),)))
    await intake.take(WITH_DAY, OF_EVERY_KIND[WITH_DAY])
    assert books.now.closed == {DAY}
    assert books.now.reconciled.late == []


async def test_history_waits_until_little_is_before_it(books: FakeBooks, folder: Path) -> None:
    left, pauses = [30_000, 20_001, 20_000], []

    async def waiting() -> int:
        return left.pop(0)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    filling = Backfill(as_history(Broker(books.open).intake), waiting, pause=pause)
    await filling.take(folder / FUNDS)
    assert (len(pauses), left) == (2, [])


async def test_a_live_file_of_the_same_day_is_no_history(books: FakeBooks) -> None:
    broker = Broker(books.open)
    await as_history(broker.intake).take(FUNDS, file(fundchg("1", "-5")))
    await broker.drop(FUNDS, fundchg("1", "-5"), fundchg("1", "-7"))
    assert [event["data"]["backfill"] for event in books.now.told()] == [True, False]


async def test_a_rehearsals_events_are_marked_and_not_matched(books: FakeBooks) -> None:
    manner = Manner(rehearsal=Rehearsal(frozenset({date(2026, 6, 1)}), frozenset({"test/feed"})))
    posting = Posting(Gate(BROKER, china(), ticks=True), books.open, manner)
    events = [
        withdrew("1", "a"),
        {**withdrew("2", "b", feed="test/feed"), "time": "2026-06-02T10:00:00+08:00"},
        {**withdrew("3", "c"), "time": "2026-06-02T04:00:00+08:00"},
        ticked(),
    ]
    await posting.accept([raw(event) for event in events])
    marks = [event["data"].get("rehearsal") for event in books.now.told()]
    assert marks == [True, True, False, None]
    assert [m.serial for m in books.now.movements.values()] == ["c"]


class OneFile:
    """A folder with one file in it."""

    def __init__(self, name: str = FUNDS) -> None:
        self.name = name
        self.away: list[str] = []
        self.aside: list[str] = []

    def at_rest(self) -> list[str]:
        return [] if self.away or self.aside else [self.name]

    def read(self, name: str) -> bytes:
        if name == "staff.csv":
            return b"staff_id,name,role\nm001,w,manager\n"
        return file(fundchg("1", "-5", "2026-06-05", date="2026-06-05"))

    def note(self, progress: Progress | None) -> None:
        return None

    def put_away(self, name: str, sha256: str) -> None:
        self.away.append(name)

    def put_aside(self, name: str, sha256: str, reason: str) -> None:
        self.aside.append(reason)


SATURDAY = datetime(2026, 6, 6, 10, 0, tzinfo=CHINA)
FRIDAYS = "0137fundchg20260605.txt"


@pytest.mark.parametrize("name", [FRIDAYS, "staff.csv"])
async def test_what_may_be_a_real_file_waits_until_the_rehearsal_is_over(
    books: FakeBooks, name: str
) -> None:
    broker, folder = Broker(books.open), OneFile(name)
    broker.clock.advance(SATURDAY)
    dropping = Dropping(folder, broker.intake, Rehearsal(frozenset({SATURDAY.date()})))
    assert [await dropping.sweep() for _ in range(2)] == [0, 0]
    assert (folder.away, folder.aside, books.now.told()) == ([], [], [])
    broker.clock.advance(SATURDAY + timedelta(days=1))
    assert await dropping.sweep() == 1
    assert (folder.away, folder.aside) == ([name], [])


@pytest.mark.parametrize("name", ["0137fundchg20260608.txt", "what.bin"])
async def test_what_can_be_of_no_day_before_the_rehearsal_is_refused(
    books: FakeBooks, name: str
) -> None:
    broker, folder = Broker(books.open), OneFile(name)
    broker.clock.advance(SATURDAY)
    await Dropping(folder, broker.intake, Rehearsal(frozenset({SATURDAY.date()}))).sweep()
    assert folder.aside == ["today is a rehearsal, and this is of no day before it"]
    assert books.now.told() == []


async def test_what_nobody_uses_is_put_away_in_a_rehearsal_too(books: FakeBooks) -> None:
    broker, folder = Broker(books.open), OneFile("0137otherinfo20260605.txt")
    broker.clock.advance(SATURDAY)
    await Dropping(folder, broker.intake, Rehearsal(frozenset({SATURDAY.date()}))).sweep()
    assert (folder.away, folder.aside) == (["0137otherinfo20260605.txt"], [])
    assert books.now.letters() == []


async def test_what_is_older_than_what_is_remembered_can_only_be_history(books: FakeBooks) -> None:
    manner = Manner(floor=lambda: date(2026, 6, 2))
    posting = Posting(Gate(BROKER, china(), ticks=False), books.open, manner)
    receipt = await posting.accept([raw(withdrew("1")), raw(withdrew("2", "b", backfill=True))])
    assert receipt.accepted == 1
    assert receipt.refused[0].reason == "before 2026-06-02 all is forgotten: send it with backfill"


async def test_a_file_that_is_in_says_again_how_many_rows_were_bad(books: FakeBooks) -> None:
    filling = as_history(Broker(books.open).intake)
    data = file(fundchg("1", "-5"), "bad")
    outcomes = [await filling.take(FUNDS, data) for _ in range(2)]
    assert [(one.fate, one.good, one.bad) for one in outcomes] == [
        (Fate.TAKEN, 1, 1),
        (Fate.KNOWN, 1, 1),
    ]


def test_what_was_taken_is_told_when_a_later_file_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with contextlib.suppress(StoresAway), telling() as taken:
        taken.append((Path(FUNDS), Outcome(Fate.TAKEN, "fundchg", good=3)))
        raise StoresAway("gone")
    assert capsys.readouterr().out == f"✓ {FUNDS}  taken  好 good 3  坏 bad 0\n"
