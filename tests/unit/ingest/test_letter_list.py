"""死信清单: pages do not overlap and leave nothing out; alike reasons are counted together."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.agent.letter_list import Wanted, kind_of, listing
from services.ingest.commands.printed import printed
from shared.contracts.topics import ALERT
from shared.streams.deadletters import Letter, Place
from tests.kit.letters import buried

BEGUN = datetime(2026, 6, 1, tzinfo=UTC)
MOMENTS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 3)  # two pairs at one moment


def letter(minute: int, offset: int, reason: str = "unreadable") -> Letter:
    made = buried(ALERT.name, "demo:1", b"{}")
    headers = {**made.headers, "reason": reason}
    place = replace(made.place, offset=offset)
    return replace(made, at=BEGUN + timedelta(minutes=minute), headers=headers, place=place)


LETTERS = [letter(minute, n, f"row {n}: not a day") for n, minute in enumerate(MOMENTS)]


async def told(letters: list[Letter]) -> AsyncIterator[Letter]:
    for one in letters:
        yield one


async def test_pages_hold_every_letter_once_the_newest_first() -> None:
    seen: list[Letter] = []
    while len(seen) < len(LETTERS):
        page = (await listing(told(LETTERS), Wanted("", 3, seen[-1] if seen else None))).page
        assert 0 < len(page) <= 3
        seen += page
    wanted = sorted(LETTERS, key=lambda one: (one.at, one.place.offset), reverse=True)
    assert [one.place for one in seen] == [one.place for one in wanted]
    assert not (await listing(told(LETTERS), Wanted("", 3, seen[-1]))).page


async def test_alike_reasons_are_counted_together_and_over_all_pages() -> None:
    others = [letter(1, 20, "Amount: missing"), letter(2, 21, "amount: missing")]
    made = await listing(told([*LETTERS, *others]), Wanted(limit=1))
    assert (made.total, len(made.page)) == (12, 1)
    assert made.counts["row …: not a day"] == 10
    found = await listing(told([*LETTERS, *others]), Wanted("AMOUNT"))
    assert found.total == 2
    assert not (await listing(told([]), Wanted())).total


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("day: 2026-06-06 is not a trading day", "day: 2026-06-07 is not a trading day"),
        ("amount: not an amount: '-x7'", "amount: not an amount: 'abc'"),
        ("12 columns, at least 23 expected", "3 columns, at least 23 expected"),
    ],
)
def test_values_do_not_make_another_kind(one: str, other: str) -> None:
    assert kind_of(one) == kind_of(other)


def test_a_letters_id_is_where_it_lies() -> None:
    place = Place("futures.account.v1", 3, 17)
    assert Place.parse(f"{place}") == Place.parse("futures.account.v1.dlq:3:17") == place
    for wrong in ("", "futures.account.v1", "nothing:1:2", "futures.account.v1:x:2", "a:b"):
        with pytest.raises(ValueError, match=r"id|unpack"):
            Place.parse(wrong)


def test_a_letter_cannot_command_the_terminal() -> None:
    assert printed("a\x1b]0;title\x07b\n\u202e中文") == "a\\x1b]0;title\\x07b\n\\u202e中文"
