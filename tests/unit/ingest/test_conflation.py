"""Of many snapshots the log hears what matters, and each state's last word within a minute."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.conflation import Kept, StateEvent, due, matters, state_name, step
from shared.contracts.stream import STREAM
from shared.kernel.trading_day import CHINA
from tests.kit.ingest import posted, raw

START = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)


def funds(seconds: float = 0, equity: str = "100000", **data: Any) -> StateEvent:
    at = (START + timedelta(seconds=seconds)).isoformat()
    told = {"equity": equity, "available": "50000", "margin": "49000", "at": at}
    event = STREAM.validate_json(
        raw(posted("account.snapshotted", id=f"s/{at}", **{**told, **data}))
    )
    assert event.type == "account.snapshotted"
    return event


def held(seconds: float = 0, lots: int = 5, instrument: str = "rb2610") -> StateEvent:
    at = (START + timedelta(seconds=seconds)).isoformat()
    holding = {"exchange": "SHFE", "instrument": instrument, "side": "long", "lots": lots}
    told = posted("position.snapshotted", id=f"p/{at}", at=at, holding=holding)
    event = STREAM.validate_json(raw(told))
    assert event.type == "position.snapshotted"
    return event


class Stream:
    """The states of one stream, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def offer(self, event: StateEvent) -> StateEvent | None:
        """Return the snapshot if it is to be told now."""
        name = state_name(event)
        self._kept[name], told = step(self._kept.get(name), event)
        return told

    def release(self, now: datetime) -> list[StateEvent]:
        """Return the held snapshots whose minute is over, in the order they were first seen."""
        told = []
        for name, kept in self._kept.items():
            self._kept[name], event = due(kept, now)
            if event is not None:
                told.append(event)
        return told


def test_the_first_snapshot_is_told_and_the_next_one_held() -> None:
    stream = Stream()
    assert stream.offer(funds()) == funds()
    assert stream.offer(funds(1, "100001")) is None


@pytest.mark.parametrize(
    "change",
    [
        {"available": "-0.001"},
        {"equity": "99000"},
        {"equity": "101000"},
        {"equity": "0"},
        {"margin": "80000"},
        {"exchange_margin": "80000"},
        {"trading_day": "2026-06-02"},
    ],
)
def test_a_change_that_matters_is_told_at_once(change: dict[str, str]) -> None:
    stream = Stream()
    stream.offer(funds())
    assert stream.offer(funds(1, **change)) == funds(1, **change)


def test_a_figure_that_trembles_on_an_edge_is_told_once() -> None:
    stream = Stream()
    stream.offer(funds(margin="79999"))
    told = [stream.offer(funds(n, margin=f"{80000 - n % 2}")) for n in range(1, 50)]
    assert [n for n, event in enumerate(told, 1) if event] == [2]


def test_what_does_not_matter_is_told_once_a_minute() -> None:
    stream = Stream()
    told = [stream.offer(funds(second, f"{100_000 + second % 7}")) for second in range(181)]
    assert [event.data.at.minute for event in told if event] == [0, 1, 2, 3]


def test_what_creeps_is_told_when_it_has_come_far_enough() -> None:
    stream = Stream()
    told = [stream.offer(funds(second, f"{100_000 - 100 * second}")) for second in range(11)]
    assert [event is not None for event in told] == [True, *[False] * 9, True]


def test_the_last_word_is_told_when_its_minute_is_over() -> None:
    stream = Stream()
    stream.offer(funds())
    stream.offer(funds(1, "100001"))
    stream.offer(funds(2, "100002"))
    assert stream.release(START + timedelta(seconds=59)) == []
    assert stream.release(START + timedelta(seconds=60)) == [funds(2, "100002")]
    assert stream.release(START + timedelta(seconds=180)) == []


def test_an_older_snapshot_is_nothing() -> None:
    stream = Stream()
    stream.offer(funds(5))
    assert stream.offer(funds(4, available="-1")) is None
    assert stream.release(START + timedelta(minutes=5)) == []


def test_each_holding_is_a_state_of_its_own_and_its_lots_matter() -> None:
    stream = Stream()
    assert stream.offer(held()) is not None
    assert stream.offer(held(instrument="ag2612")) is not None
    assert stream.offer(held(1)) is None
    assert stream.offer(held(2, lots=4)) is not None


def test_a_rehearsals_state_is_not_the_real_one() -> None:
    stream = Stream()
    stream.offer(funds())
    assert stream.offer(funds(1, rehearsal=True)) is not None


def test_a_margin_without_equity_is_a_band_of_its_own() -> None:
    assert matters(funds(equity="-1", margin="0"), funds(equity="-1", margin="1"))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(-120, 120)), max_size=30))
def test_nothing_that_matters_stays_untold_for_a_minute(steps: list[tuple[int, int]]) -> None:
    """Whatever comes in whatever order, the log's last word is the newest a minute later."""
    stream, told, newest = Stream(), None, None
    for second, thousands in steps:
        event = funds(second, str(Decimal(thousands * 1000)))
        told = stream.offer(event) or told
        if newest is None or event.data.at > newest.data.at:
            newest = event
    for event in stream.release(START + timedelta(seconds=300)):
        told = event
    assert told == newest
