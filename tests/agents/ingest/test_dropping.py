"""The drop folder: only files at rest, in order, put away or aside; a crash repeats nothing."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from structlog.testing import capture_logs

from services.ingest.adapters.excel import parse
from services.ingest.adapters.file_drop import FileDrop
from services.ingest.agent.dropping import PATIENCE, Dropping
from services.ingest.agent.taking import Intake
from services.ingest.domain.books import StoresAway
from shared.clock import DrivenClock
from shared.kernel.trading_day import CHINA, china
from tests.kit.ingest import BROKER, CIPHER, FakeBooks, cusfund, file, fundchg

FUNDS, SETTLED = "0137fundchg20260601.txt", "0137cusfund20260601.txt"


class Site:
    """A folder, its sweeper, and a clock of seconds moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.books, self.seconds = folder, FakeBooks(), 0.0
        self.restart()

    def restart(self) -> None:
        """Start the sweeper anew, as after a crash."""
        intake = Intake(
            broker=BROKER,
            calendar=china(),
            closing=frozenset({"fundchg", "cusfund"}),
            sealer=CIPHER,
            clock=DrivenClock(datetime(2026, 6, 1, 16, tzinfo=CHINA)),
            open_books=self.books.open,
            parse=parse,
        )
        self.drop = FileDrop(self.folder, 1.0, lambda: self.seconds)
        self.sweeper = Dropping(self.drop, intake)

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    async def rest_and_sweep(self) -> int:
        """See the folder, let it rest, sweep it."""
        self.drop.at_rest()
        self.seconds += 1.0
        return await self.sweeper.sweep()

    def kept(self, where: str) -> list[str]:
        return sorted(path.name for path in (self.folder / where).iterdir())

    def told(self) -> list[str]:
        return [event["type"] for event in self.books.now.told()]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "drop")


async def test_a_file_at_rest_is_taken_and_put_away(site: Site) -> None:
    site.write(FUNDS, file(fundchg("1", "-5")))
    assert await site.rest_and_sweep() == 1
    assert site.told() == ["funds.withdrawn"]
    [name] = site.kept("done")
    assert name.startswith(f"{FUNDS}.")
    assert site.drop.waiting() == 0


async def test_a_file_that_still_grows_waits(site: Site) -> None:
    site.write(FUNDS, file(fundchg("1", "-5"))[:20])
    assert await site.sweeper.sweep() == 0
    site.seconds += 0.9
    site.write(FUNDS, file(fundchg("1", "-5")))
    assert await site.sweeper.sweep() == 0
    site.seconds += 0.9
    assert await site.sweeper.sweep() == 0
    assert site.drop.waiting() == 1
    site.seconds += 0.1
    assert await site.sweeper.sweep() == 1


async def test_unfinished_work_of_others_is_left_alone(site: Site) -> None:
    for name in (".hidden.txt", f"{FUNDS}.part", f"{FUNDS}.tmp"):
        site.write(name, b"x")
    (site.folder / "archive").mkdir()
    assert await site.rest_and_sweep() == 0
    assert site.drop.waiting() == 0


async def test_waiting_files_are_taken_in_the_order_of_the_day(site: Site) -> None:
    site.write(SETTLED, file(cusfund("1", "3")))
    site.write(FUNDS, file(fundchg("1", "-5")))
    site.write("staff.csv", b"staff_id,name,role\nm001,w,manager\n")
    assert await site.rest_and_sweep() == 3
    assert site.told() == ["staff.changed", "funds.withdrawn", "account.settled", "day.closed"]


async def test_a_refused_file_is_put_aside_with_its_reason_and_the_others_go_on(
    site: Site,
) -> None:
    site.write("0137fundchg20260530.txt", file(fundchg("1", "-5")))
    site.write(FUNDS, file(fundchg("1", "-5")))
    await site.rest_and_sweep()
    kept, reason = site.kept("refused")
    assert kept.startswith("0137fundchg20260530.txt.")
    text = (site.folder / "refused" / reason).read_text()
    assert text == "the day in the name: 2026-05-30 is not a trading day\n"
    assert site.told() == ["funds.withdrawn"]


async def test_a_crash_before_the_move_repeats_nothing(site: Site) -> None:
    site.write(FUNDS, file(fundchg("1", "-5")))
    await site.sweeper.intake.take(FUNDS, file(fundchg("1", "-5")))
    site.restart()
    await site.sweeper.recover()
    assert (site.drop.waiting(), site.books.now.unmoved) == (0, [])
    assert await site.rest_and_sweep() == 0
    assert site.told() == ["funds.withdrawn"]


async def test_a_crash_before_the_move_does_not_hide_what_replaced_the_file(site: Site) -> None:
    await site.sweeper.intake.take(FUNDS, file(fundchg("1", "-5")))
    site.write(FUNDS, file(fundchg("1", "-6")))
    site.restart()
    await site.sweeper.recover()
    assert await site.rest_and_sweep() == 1
    assert site.told() == ["funds.withdrawn", "funds.withdrawn", "funds.reversed"]


async def test_a_file_replaced_while_it_was_taken_is_not_put_away(site: Site) -> None:
    site.write(FUNDS, file(fundchg("1", "-5")))
    site.drop.read(FUNDS)
    site.write(FUNDS, file(fundchg("1", "-55")))
    site.drop.put_away(FUNDS, "0" * 64)
    assert site.kept("done") == []


async def test_the_database_away_leaves_the_file_where_it_is(site: Site) -> None:
    site.write(FUNDS, file(fundchg("1", "-5")))
    site.books.fail = StoresAway("gone")
    with pytest.raises(StoresAway):
        await site.rest_and_sweep()
    site.books.fail = None
    assert await site.sweeper.sweep() == 1
    assert site.told() == ["funds.withdrawn"]


async def test_a_file_that_fails_unexpectedly_stays_and_the_others_go_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write(FUNDS, file(fundchg("1", "-5")))
    site.write("staff.csv", b"staff_id,name,role\nm001,w,manager\n")
    monkeypatch.setattr(site.drop, "put_away", _full)
    assert await site.rest_and_sweep() == 0
    assert set(site.sweeper.stuck) == {FUNDS, "staff.csv"}
    monkeypatch.undo()
    assert [await site.sweeper.sweep() for _ in range(PATIENCE)] == [0] * (PATIENCE - 1) + [2]
    assert site.told() == ["staff.changed", "funds.withdrawn"]


def _full(name: str, sha256: str) -> None:
    raise OSError("no space left")


async def test_a_workbook_is_read_as_a_person_sees_it(site: Site) -> None:
    book = xlsxwriter.Workbook(str(site.folder / "relations.xlsx"))
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    header = ["account", "customer_id", "customer_name", "customer_type", "since", "vip"]
    cells: list[Any] = [80012345, "c1", "张小明", "自然人", date(2020, 1, 6), True]
    sheet.write_row(0, 0, header)
    for column, cell in enumerate(cells):
        sheet.write(2, column, cell, day if isinstance(cell, date) else None)
    book.close()
    await site.rest_and_sweep()
    [event] = site.books.now.told("customer.changed")
    assert event["data"]["relations"] == [{"account": "80012345", "since": "2020-01-06"}]
    assert event["data"]["tags"] == {"vip": "true"}


async def test_a_whole_package_is_taken_and_what_nobody_uses_is_put_away(site: Site) -> None:
    site.write(SETTLED.upper(), file(cusfund("80000001", "3")))
    site.write("0137otherinfo20260601.txt", b"whatever it says")
    await site.rest_and_sweep()
    assert [name.rpartition(".")[0] for name in site.kept("done")] == [
        SETTLED.upper(),
        "0137otherinfo20260601.txt",
    ]
    assert (site.kept("refused"), site.books.now.letters()) == ([], [])
    assert site.told() == ["account.settled"]


async def test_a_folder_that_was_left_is_named_once(site: Site) -> None:
    (site.folder / "20260601").mkdir()
    with capture_logs() as logs:
        for _ in range(3):
            await site.rest_and_sweep()
    assert [(line["event"], line["name"]) for line in logs] == [
        ("folder is not looked into", "20260601")
    ]
