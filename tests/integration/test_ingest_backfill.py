"""``guanchao ingest backfill`` beside the running ingest: killed, run again, and again."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.trading_day import TradingDay, china
from tests.kit.eventually import eventually
from tests.kit.ingest import DAY, cusfund, file, fundchg
from tests.kit.ingest_process import IngestProcess

ACCOUNTS = [f"8{n:07}" for n in range(300)]
DAYS = [china().before(DAY, back) for back in (4, 3, 2, 1)]
GUANCHAO = str(Path(sys.executable).with_name("guanchao"))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """The files of all days but the last, and one that is none."""
    folder = tmp_path / "history"
    folder.mkdir()
    for day in DAYS[:-1]:
        put_day(folder, day)
    (folder / "notes.txt").write_text("no file of ours")
    return folder


def put_day(folder: Path, day: TradingDay, *bad: str) -> None:
    funds = [fundchg(a, "-5", f"{day}", date=f"{day}") for a in ACCOUNTS]
    put(folder, "fundchg", day, [*funds, *bad])
    put(folder, "cusfund", day, [cusfund(a, "3", day=day) for a in ACCOUNTS])


def put(folder: Path, kind: str, day: TradingDay, lines: list[str]) -> None:
    (folder / f"0137{kind}{day:%Y%m%d}.txt").write_bytes(file(*lines))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def backfill(
    process: IngestProcess, folder: Path, kill_after: int | None = None
) -> tuple[int, str]:
    """Return the command's exit code and what it printed; killed amid the file after so many."""
    begun = await asyncio.create_subprocess_exec(
        *(GUANCHAO, "ingest", "backfill", str(folder)),
        *("--from", f"{DAYS[0]}", "--to", f"{DAYS[-1]}"),
        env=process.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert begun.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(60):
        async for line in begun.stdout:
            said.append(line.decode())
            if kill_after is not None and sum("taken" in one for one in said) == kill_after:
                begun.kill()
        return await begun.wait(), "".join(said)


async def told(process: IngestProcess) -> dict[str, list[dict[str, Any]]]:
    """Return what a subscriber has seen of each account, once nothing waits any more."""
    await eventually(process.drained)
    log = await process.log()
    log.repeats()
    return {a: log.seen(f"{process.broker}:{a}") for a in ACCOUNTS}


async def test_history_is_taken_once_and_marked_while_the_day_goes_on(
    process: IngestProcess, history: Path
) -> None:
    await process.start()
    await eventually(process.ready)
    codes = {(await backfill(process, history, files))[0] for files in (1, 2)}
    assert -9 in codes <= {-9, 1}
    put_day(history, DAYS[-1], fundchg("89999999", "NaN", "bad", date=f"{DAYS[-1]}"))
    before = names(history)
    process.drop(f"0137cusfund{DAY:%Y%m%d}.txt", *(cusfund(a, "4") for a in ACCOUNTS))
    code, said = await backfill(process, history)
    assert code == 1, said  # the bad row
    assert "坏 bad 1" in said
    assert "✗ notes.txt  没收 left  the name is none of" in said

    seen = await told(process)
    for account in ACCOUNTS:
        past = [e for e in seen[account] if e["data"]["trading_day"] != f"{DAY}"]
        assert [(e["type"], e["data"]["trading_day"]) for e in past] == [
            (type_, f"{day}") for day in DAYS for type_ in ("funds.withdrawn", "account.settled")
        ]
        assert all(e["data"]["backfill"] for e in past)
        (today,) = [e for e in seen[account] if e["data"]["trading_day"] == f"{DAY}"]
        assert not today["data"].get("backfill")
    clock = await process.log()
    closed = [
        json.loads(v) for k, vs in clock.records.items() if k.startswith("clock/") for v in vs
    ]
    assert {e["data"]["trading_day"] for e in closed} <= {f"{DAY}"}

    again, said = await backfill(process, history)
    assert await told(process) == seen
    assert again == 1, said  # the file that is none
    assert names(history) == before
