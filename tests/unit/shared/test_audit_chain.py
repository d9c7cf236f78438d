"""The audit's chain: what was removed, changed, moved or put in between is found."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.audit import GENESIS, Broken, Entry, Head, Link, digest, follow
from shared.kernel.trading_day import CHINA

AT = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)
START = Head(0, GENESIS)


def chain(length: int) -> list[Link]:
    links: list[Link] = []
    for n in range(1, length + 1):
        at = AT + timedelta(seconds=n)
        entry = Entry(at, f"m{n}", ("manager",), "account.read", "80000001", "t", reason="客户来电")
        previous = links[-1].digest if links else GENESIS
        links.append(Link(n, entry, digest(previous, n, entry)))
    return links


def test_a_whole_chain_ends_at_its_head() -> None:
    links = chain(5)
    assert follow(links, START) == Head(5, links[-1].digest)
    assert follow([], START) == START
    assert follow(links[3:], Head(3, links[2].digest)) == Head(5, links[-1].digest)


@given(st.integers(0, 4))
def test_a_removed_entry_is_found_at_its_place(place: int) -> None:
    links = chain(5)
    del links[place]
    expected = Head(4, links[-1].digest) if place == 4 else Broken(place + 1, "missing")
    assert follow(links, START) == expected


def test_removed_and_counted_anew_is_found_too() -> None:
    links = chain(5)
    del links[1]
    renamed = [link._replace(n=n) for n, link in enumerate(links, 1)]
    assert follow(renamed, START) == Broken(2, "changed, or the entry before it")


@pytest.mark.parametrize(
    "changed",
    [
        {"actor": "m9"},
        {"at": AT},
        {"roles": ("risk",)},
        {"roles": ("manager", "")},
        {"action": "account.revealed"},
        {"subject": "80000002"},
        {"trace_id": "u"},
        {"fields": ("customer.name",)},
        {"reason": ""},
        {"outcome": "refused"},
    ],
)
def test_every_part_of_an_entry_is_bound(changed: dict[str, object]) -> None:
    links = chain(3)
    links[1] = links[1]._replace(entry=replace(links[1].entry, **changed))  # type: ignore[arg-type]
    assert follow(links, START) == Broken(2, "changed, or the entry before it")


def test_the_zone_in_which_a_moment_is_written_does_not_matter() -> None:
    entry = chain(1)[0].entry
    there = replace(entry, at=entry.at.astimezone(tz=None))
    assert there.canonical() == entry.canonical()
