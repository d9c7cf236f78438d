"""The commands as one types them: what they refuse, in one line, and how they stop."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from deploy.embedded.ports import Ports
from deploy.synthetic.cfmmc_trading import WRITERS
from deploy.synthetic.season import Bookmark, Place

ROOT = Path(__file__).parents[3]
NOWHERE = f"http://127.0.0.1:{Ports.free().ingest}"
CHAIN = ("--ingest", NOWHERE, "--sandbox", NOWHERE, "--status", NOWHERE)


def synthetic(*argv: str, key: str | None = "key") -> subprocess.CompletedProcess[str]:
    told = {"SYNTHETIC_PUSH_KEY": key} if key else {}
    env = {**os.environ, "PYTHONPATH": str(ROOT), **told}
    command = [sys.executable, "-m", "deploy.synthetic", *argv]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


CFMMC = ("customer", "cuscode", "cusaccount", *WRITERS, "fundchg", "cusfund")


def test_files_are_written_and_named(tmp_path: Path) -> None:
    done = synthetic("files", "--accounts", "300", "--out", str(tmp_path / "drop"))
    assert done.returncode == 0
    days = ("0525", "0526", "0527", "0528", "0529", "0601")
    assert [Path(line).name for line in done.stdout.splitlines()] == [
        "staff.csv",
        "relations.csv",
        "baselines.csv",
        "agreements.csv",
        *(f"0001{kind}2026{day}.txt" for day in days for kind in CFMMC),
    ]
    sizes = {Path(line).name[4:]: Path(line).stat().st_size for line in done.stdout.splitlines()}
    assert all(size for name, size in sizes.items() if "fund" in name or "hold" in name)


def test_only_the_kinds_that_are_asked_for_are_written(tmp_path: Path) -> None:
    out = ("--accounts", "60", "--out", str(tmp_path / "drop"))
    done = synthetic("files", "--kinds", "staff,cusfund", *out)
    kinds = [Path(line).name.lstrip("0").partition("2026")[0] for line in done.stdout.splitlines()]
    assert kinds == ["staff.csv", *["1cusfund"] * 6]


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("files", "--day", "2026-05-30"), "2026-05-30 is not a trading day"),
        (("files", "--day", "2026-12-31"), "2026-12-31 cannot be played"),
        (("run", *CHAIN, "--drop", "d", "--state", "s", "--day", "2027-01-04"), "2027-01-04 is"),
        (("demo", *CHAIN, "--drop", "d", "--settles", "9 pm"), "9 pm: not a time HH:MM"),
        (("demo", *CHAIN, "--drop", "d", "--settles", "09:00"), "not between 15:30 and 23:00"),
        (("run", *CHAIN, "--drop", "d", "--state", "s", "--day", "2026-05-30"), "2026-05-30 is"),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(
    tmp_path: Path, argv: tuple[str, ...], why: str
) -> None:
    given = [str(tmp_path / part) if part in ("d", "s") else part for part in argv]
    done = synthetic(*given)
    said = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 2
    assert len(said) == 1
    assert why in said[0]


def test_a_season_ends_with_the_calendar_and_says_so(tmp_path: Path) -> None:
    place = Place(date(2026, 12, 11), date(2026, 12, 14), None, 7, 1000)
    Bookmark(tmp_path).write(place)
    done = synthetic("run", *CHAIN, "--drop", str(tmp_path), "--state", str(tmp_path))
    assert done.returncode == 0
    assert "日历已尽" in done.stdout
    assert "2027-01-15 is outside" in done.stdout


def test_without_a_push_key_nothing_is_tried(tmp_path: Path) -> None:
    done = synthetic("demo", *CHAIN, "--drop", str(tmp_path), key=None)
    assert done.returncode == 2
    assert "SYNTHETIC_PUSH_KEY is not set" in done.stderr
    assert done.stdout == ""


def test_a_season_stops_at_once_when_it_is_told_to(tmp_path: Path) -> None:
    argv = ("run", *CHAIN, "--drop", str(tmp_path), "--state", str(tmp_path), "--accounts", "60")
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.synthetic", *argv],
        env={**os.environ, "PYTHONPATH": str(ROOT), "SYNTHETIC_PUSH_KEY": "key"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "2026-06-01" in process.stdout.readline()  # it plays, and waits for the chain
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()
