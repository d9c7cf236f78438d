"""Whoever waits for a dropped file sees how far it is, and whose it is nowhere."""

import asyncio
import contextlib
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.adapters.progress_note import ProgressNote, noted
from services.ingest.agent.taking import Fate
from services.ingest.commands.files import _until_over, refused_in, seen_in, shown
from services.ingest.domain.progress import Progress, Stage
from services.ingest.domain.records import FilePlace, TakenFile
from tests.kit.ingest import FakeBooks, fundchg
from tests.kit.ingest_broker import FUNDS, Broker
from tests.kit.letters import Desks
from tests.kit.statements import Says

STATEMENT = "80012345_20260601.txt"
AT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


def watched() -> tuple[Broker, list[Progress | None]]:
    broker, seen = Broker(FakeBooks().open), list[Progress | None]()
    broker.intake = replace(broker.intake, watch=seen.append)
    return broker, seen


async def test_a_long_file_is_counted_as_it_is_read_and_recorded() -> None:
    broker, seen = watched()
    outcome = await broker.drop(FUNDS, *(fundchg(str(n), "-5") for n in range(2500)))
    assert (outcome.fate, outcome.good) == (Fate.TAKEN, 2500)
    told = [(one.stage.value, one.done, one.percent) for one in seen if one]
    assert told == [
        ("reading", 0, 0),
        ("reading", 2000, 79),
        ("recording", 0, None),
        ("recording", 2000, None),
        ("recording", 2500, None),
    ]
    assert seen[-1] is None


async def test_a_file_that_is_refused_is_over_and_a_statement_s_name_is_masked() -> None:
    broker, seen = watched()
    assert (await broker.drop(FUNDS, "rubbish")).fate is Fate.REFUSED
    assert seen[-1] is None
    await broker.intake.take(STATEMENT, Says().data())
    assert {one.name for one in seen if one} == {FUNDS, "***345_20260601.txt"}


async def test_the_folder_keeps_no_note_once_a_file_is_in_nor_after_a_crash(
    tmp_path: Path,
) -> None:
    desks = Desks(tmp_path / "drop")
    desks.drop.note(Progress("left by a crash", Stage.READING, 1, 2))
    assert noted(desks.folder)
    await desks.sweeper.recover()
    assert noted(desks.folder) is None
    desks.write(FUNDS, b"rubbish")
    assert await desks.sweep() == 1
    assert noted(desks.folder) is None


def test_a_note_is_left_at_most_a_few_times_a_second_and_stops_nothing(tmp_path: Path) -> None:
    seconds = [0.0]
    note = ProgressNote(tmp_path, lambda: seconds[0])
    for done in (0, 2000, 4000):
        note(Progress(FUNDS, Stage.READING, done, 8000))
    assert noted(tmp_path)[0].done == 0  # type: ignore[index]
    seconds[0] = 0.5
    note(Progress(FUNDS, Stage.READING, 6000, 8000))
    assert noted(tmp_path)[0].percent == 75  # type: ignore[index]
    ProgressNote(tmp_path / "away")(Progress(FUNDS, Stage.READING, 0, None))


def test_what_waits_what_is_in_progress_and_what_was_refused_are_listed(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "drop")
    desks.write(FUNDS, b"")
    desks.write(STATEMENT, b"")
    desks.write("staff.csv.part", b"")
    desks.write("80012346_20260601.txt", b"no statement")
    digest = hashlib.sha256(b"no statement").hexdigest()
    desks.drop.put_aside("80012346_20260601.txt", digest, "nothing was read")
    (desks.folder / "refused").joinpath("notes.txt.0a1b2c3d.reason.txt").write_text("none of\n")
    desks.drop.note(Progress(FUNDS, Stage.READING, 3, 12))
    taken = [TakenFile(FilePlace(AT, "statement", STATEMENT, 2), STATEMENT, None, 4, 1)]
    lines = list(shown(seen_in(desks.folder), taken, 20))
    assert lines[0].startswith(f"→ {FUNDS}  在读 reading，行 lines 3 / 12  25 %")
    assert lines[1] == "· ***345_20260601.txt  等着 waiting"
    assert lines[2].startswith("✓ 06-01 16:30:00  ***345_20260601.txt  statement")
    assert lines[2].endswith("好 good 4  坏 bad 1")
    assert any(line.endswith("notes.txt  none of") for line in lines)
    assert any(line.endswith("***346_20260601.txt  nothing was read") for line in lines)
    assert lines[-1].startswith("等着 waiting 1，在收 in progress 1")
    assert "800123" not in "".join(lines)


async def test_waiting_ends_when_nothing_is_left(tmp_path: Path) -> None:
    desks = Desks(tmp_path / "drop")
    desks.write(FUNDS, b"rubbish")
    waits = asyncio.create_task(_until_over(desks.folder))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waits), 0.05)
    assert not waits.done()
    assert await desks.sweep() == 1
    await asyncio.wait_for(waits, 5)
    (refused,) = refused_in(desks.folder)
    assert (refused.name, refused.reason.startswith("no row can be read")) == (FUNDS, True)


@pytest.mark.parametrize(("done", "of", "percent"), [(1, None, None), (1, 3, 33), (4, 3, 100)])
def test_a_part_is_said_only_where_the_whole_is_known(
    done: int, of: int | None, percent: int | None
) -> None:
    assert Progress("x", Stage.READING, done, of).percent == percent
