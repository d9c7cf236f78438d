"""Lines are on the disk before anybody is answered, together where they come together."""

import asyncio
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox.log import Broken, Log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "log")
    yield made
    made.close()


async def test_a_synced_line_is_in_the_file(log: Log) -> None:
    assert log.append(b"one\n") == 0
    assert log.append(b"two\n") == 4
    await log.sync()
    assert log.path.read_bytes() == b"one\ntwo\n"
    assert (log.synced, log.read(4, 7)) == (8, b"two")


async def test_many_that_wait_share_few_fsyncs(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    count, real = [0], os.fsync

    def counted(handle: int) -> None:
        count[0] += 1
        real(handle)

    monkeypatch.setattr(os, "fsync", counted)

    async def say(number: int) -> None:
        log.append(f"{number}\n".encode())
        await log.sync()

    await asyncio.gather(*(say(number) for number in range(200)))
    assert len(list(log.lines())) == 200
    assert 1 <= count[0] <= 3


async def test_nobody_is_told_before_the_fsync_has_returned(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    real = os.fsync

    def slow(handle: int) -> None:
        real(handle)
        said.append("on the disk")

    monkeypatch.setattr(os, "fsync", slow)
    log.append(b"one\n")
    await log.sync()
    said.append("told")
    assert said == ["on the disk", "told"]


async def test_a_full_disk_fails_everybody_from_then_on(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    log.append(b"one\n")
    with pytest.raises(Broken, match="No space left"):
        await log.sync()
    monkeypatch.undo()
    log.append(b"two\n")
    with pytest.raises(Broken, match="No space left"):
        await log.sync()
    assert log.failure is not None


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (b"", b""),
        (b"one\n", b"one\n"),
        (b"one\ntw", b"one\n"),
        (b"tw", b""),
        (b"one\n" + b"x" * 200_000, b"one\n"),
        (b"one\n" + bytes(4096), b"one\n"),
    ],
)
def test_a_torn_line_is_cut_off_at_the_start(tmp_path: Path, found: bytes, kept: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(found)
    log = Log(path)
    assert path.read_bytes() == kept
    assert log.torn == len(found) - len(kept)
    assert (log.end, log.synced) == (len(kept), len(kept))
    log.close()


def test_two_gateways_cannot_share_a_file(log: Log) -> None:
    with pytest.raises(Broken, match="in use by another gateway"):
        Log(log.path)


def test_a_closed_file_can_be_opened_again(tmp_path: Path) -> None:
    Log(tmp_path / "log").close()
    Log(tmp_path / "log").close()
