"""An event that contradicts itself in time is no fact."""

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from services.mot.domain.plausible import implausible
from tests.kit.events import DAY, moment, ordered, settled, snapshotted, withdrew

AT = moment(DAY, "10:00")


def at_time(event: Any, days: int) -> Any:
    return replace(event, time=event.time + timedelta(days=days))


@pytest.mark.parametrize(
    "event",
    [
        withdrew(1),
        settled(1),
        snapshotted(1, AT),
        ordered(moment(date(2026, 5, 29), "21:05")),
        snapshotted(1, moment(date(2026, 9, 30), "08:59")),
        at_time(settled(1), 400),
        at_time(settled(1), -14),
        replace(withdrew(1), data=replace(withdrew(1).data, happened_at=AT - timedelta(days=90))),
        at_time(replace(settled(1), data=replace(settled(1).data, backfill=True)), 4_000),
    ],
)
def test_what_can_be_is_a_fact(event: Any) -> None:
    assert implausible(event) is None


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (at_time(settled(1), -15), "trading_day is long after time"),
        (at_time(settled(1), 401), "trading_day is long before time"),
        (snapshotted(1, AT + timedelta(days=2), trading_day=DAY), "at is not of trading_day"),
        (snapshotted(1, AT - timedelta(days=15), trading_day=DAY), "at is not of trading_day"),
        (ordered(AT + timedelta(days=200), trading_day=DAY), "at is not of trading_day"),
        (withdrew(1, happened_at=AT + timedelta(days=2)), "happened_at is after trading_day"),
    ],
)
def test_what_cannot_be_is_named(event: Any, what: str) -> None:
    found = implausible(event)
    assert found is not None
    assert found.startswith(what)
