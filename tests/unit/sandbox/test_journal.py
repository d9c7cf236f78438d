"""The journal: numbered, readable from anywhere, the same after a restart."""

import gc
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.entries import Entry, Line, Outcome, Verdict
from deploy.sandbox.journal import CHUNK, Journal
from deploy.sandbox.log import Broken

NOW = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)


def verdict(*to: str, outcome: Outcome = "delivered", text: str = "你好") -> Verdict:
    return Verdict(
        answer={},
        channel="sms" if to[0].isdigit() else "wecom",
        lines=tuple(Line(one, outcome, 0) for one in to),
        request={"touser": "|".join(to)},
        title="标题",
        text=text,
    )


def opened(folder: Path) -> Journal:
    journal = Journal(folder / "journal.jsonl")
    list(journal.replay())
    return journal


def after(journal: Journal, n: int, limit: int | None = None) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(b"".join(journal.array_after(n, limit)))
    return entries


async def test_one_line_for_each_receiver_with_the_number_of_its_request(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write(verdict("m001"), NOW, 1.5)
    journal.write(verdict("m001", "m002"), NOW, 2.5)
    await journal.log.sync()
    assert [(e["n"], e["call"], e["to"]) for e in after(journal, 0)] == [
        (1, 1, "m001"),
        (2, 2, "m001"),
        (3, 2, "m002"),
    ]
    assert after(journal, 2)[0] == {
        "n": 3,
        "at": "2026-06-01T09:30:00+08:00",
        "wall": 2.5,
        "channel": "wecom",
        "to": "m002",
        "outcome": "delivered",
        "code": 0,
        "title": "标题",
        "text": "你好",
        "request": {"touser": "m001|m002"},
        "call": 2,
    }


async def test_what_is_not_on_the_disk_is_shown_to_nobody(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write(verdict("m001"), NOW, 0)
    assert (journal.last, after(journal, 0), journal.newest(None, 2, 9)) == (0, [], [])
    assert (journal.people, journal.counts()["delivered"]) == ({}, 0)
    assert journal.next_number == 2
    await journal.log.sync()
    assert (journal.last, len(after(journal, 0)), len(journal.newest(None, 2, 9))) == (1, 1, 1)
    assert (len(journal.people), journal.counts()["delivered"]) == (1, 1)


async def test_an_array_is_of_the_moment_it_was_asked_for(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write(verdict("m001"), NOW, 0)
    await journal.log.sync()
    asked = journal.array_after(0)
    journal.write(verdict("m002"), NOW, 0)
    assert len(json.loads(b"".join(asked))) == 1


async def test_nothing_is_kept_in_memory_for_want_of_a_reader(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for _ in range(100):
        journal.write(verdict("hoarded"), NOW, 0)
        await journal.log.sync()
    found = [one for one in gc.get_objects() if isinstance(one, Entry) and one.to == "hoarded"]
    assert len(found) < 10


async def test_a_restart_knows_all_of_it_again(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write(verdict("m001", "m002"), NOW, 0)
    journal.write(verdict("m001", outcome="dropped"), NOW, 0)
    journal.write(verdict("13812345678"), NOW, 0)
    await journal.log.sync()
    before = (journal.counts(), dict(journal.people), after(journal, 0))
    journal.log.close()
    again = opened(tmp_path)
    assert (again.counts(), again.people, after(again, 0)) == before
    assert again.next_number == 5
    assert [person.id for person in again.people.values()] == ["p1", "p2", "p3"]


async def test_only_what_reached_somebody_is_on_their_phone(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.write(verdict("M001"), NOW, 0)
    for outcome in ("duplicate", "dropped", "rejected", "faulted", "delivered"):
        journal.write(verdict("m001", outcome=outcome), NOW, 0)
    await journal.log.sync()
    assert [list(person.delivered) for person in journal.people.values()] == [[1, 6]]


async def test_the_newest_come_first_a_page_at_a_time(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for n in range(10):
        journal.write(verdict("m001", outcome="dropped" if n % 2 else "delivered"), NOW, 0)
    await journal.log.sync()
    assert [e.n for e in journal.newest(None, 11, 3)] == [10, 9, 8]
    assert [e.n for e in journal.newest(None, 8, 3)] == [7, 6, 5]
    assert [e.n for e in journal.newest("dropped", 10, 3)] == [8, 6, 4]
    assert journal.newest("faulted", 11, 3) == []


async def test_a_long_journal_is_one_json_array(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for _ in range(5):
        journal.write(verdict("m001", text="潮\n" * (CHUNK // 8)), NOW, 0)
    await journal.log.sync()
    assert [e["n"] for e in after(journal, 0)] == [1, 2, 3, 4, 5]
    assert [e["n"] for e in after(journal, 1, 2)] == [2, 3]
    assert after(journal, 5) == []
    assert after(journal, 1 << 40) == []


def test_a_line_that_is_no_entry_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"n":1}\n')
    with pytest.raises(Broken, match=r"journal.jsonl line 1 is no entry"):
        opened(tmp_path)
