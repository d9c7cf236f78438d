"""日历 — which day it is in the stream, and which days are settled."""

from collections.abc import Iterator

from services.profile.domain.fact import DAY, Facts, Place
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.trading import ClockTicked, DayClosed

CLOCKS = Table("clocks", ("broker text",), (DAY,), order=("at timestamptz",))
CLOSES = Table("day_closes", ("broker text", DAY, "partition integer"), ())
"""A day is whole when it is closed in every partition of the account stream."""


def ticked(event: ClockTicked, place: Place) -> Iterator[Row]:
    """Take the minute."""
    told = event.data
    yield CLOCKS.row(broker=told.broker, trading_day=told.trading_day, at=told.at)


def closed(event: DayClosed, place: Place) -> Iterator[Row]:
    """Take the close, in the partition where it was read: all before it there is in."""
    told = event.data
    day = {"broker": told.broker, "trading_day": told.trading_day}
    yield CLOSES.row(**day, partition=place.partition, sequence=sequence_of(event.sequence))


FACTS = Facts((CLOCKS, CLOSES), {"clock.ticked": ticked, "day.closed": closed})
