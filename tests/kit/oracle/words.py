"""The things the rules speak of."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.trading import ForcedOrder


class End(NamedTuple):
    """What has an end: by the rule that watches it, and for an agreement its name."""

    rule: str
    kind: str = ""
    starts_on: date | None = None


class Run(NamedTuple):
    """An unbroken run of trading days with available below zero; ``total`` is what was missing."""

    first: date
    last: date
    days: int
    total: Decimal


class Before(NamedTuple):
    """What an event has changed, as it was before; ``news``: the event was not an outdated one."""

    news: bool = True
    order: ForcedOrder | None = None
    cured: tuple[str, ...] = ()
    expired: Mapping[str, int] = {}  # orders over with their day, and the lots filled of each
    ends: tuple[tuple[End, date | None], ...] = ()  # what the event dates, and the date before
    traded_on: date | None = None
    held_on: date | None = None
    funded: date | None = None
