"""The locks name packages and hashes, and nothing of the machine that wrote them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PLACE = re.compile(r"://|^\s*-|find-links|index-url|trusted-host| @ ", re.MULTILINE)
PIN = re.compile(r"^[\w.-]+(\[[\w,-]+\])?==[\w.!+]+( ; .+)? \\$")


def places(text: str) -> list[str]:
    """Return the lines that say where something comes from."""
    lines = (line for line in text.splitlines() if "--hash=" not in line)
    return [line for line in lines if PLACE.search(line)]


def unpinned(text: str) -> list[str]:
    """Return the requirements without a version or a hash."""
    kept = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return [line for line in kept if "--hash=sha256:" not in line and not PIN.match(line)]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_place(lock: Path) -> None:
    assert places(lock.read_text()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_everything_with_hashes(lock: Path) -> None:
    assert unpinned(lock.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "--index-url https://mirror.example/simple",
        "--find-links /opt/wheels",
        "x @ https://host/x.whl",
        "#    uv pip compile --find-links /opt/wheels",
    ],
)
def test_a_planted_place_is_found(planted: str) -> None:
    assert places(f"rich==15.0.0 \\\n    --hash=sha256:00\n{planted}\n") == [planted]


def test_a_planted_loose_requirement_is_found() -> None:
    assert unpinned("rich>=15\n") == ["rich>=15"]


def test_there_are_locks_to_check() -> None:
    assert {lock.name for lock in LOCKS} == {"bootstrap.txt", "run.txt", "dev.txt", "bench.txt"}
