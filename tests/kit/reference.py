"""The oracle: which alerts a list of account events must raise, by the public definitions alone.

``expected(events)`` takes the events as they were told, repeats and all, in the order of the log.
The rules are in ``tests/kit/oracle``, one file a family; its docstring names the limits of a log.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.trading import ClockTicked, DayClosed, TradingEvent
from shared.kernel.trading_day import Calendar, china
from tests.kit.oracle.case import Case
from tests.kit.oracle.history import Client
from tests.kit.oracle.lines import Lines
from tests.kit.oracle.memory import Expected
from tests.kit.oracle.rules import EVERY, FEED_SILENCE, judges
from tests.kit.oracle.silence import Feed

__all__ = ["Expected", "Lines", "Oracle", "expected"]


@dataclass
class Oracle:
    """The definitions, applied to one event after the other; ``rules`` are the ones in force."""

    lines: Lines = field(default_factory=Lines)
    calendar: Calendar = field(default_factory=china)
    rules: Collection[str] = EVERY
    clients: dict[tuple[str, bool], Client] = field(default_factory=dict)
    feeds: dict[str, Feed] = field(default_factory=dict)
    heard: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._judges = judges(frozenset(self.rules))

    def tell(self, event: TradingEvent) -> list[Expected]:
        """Return what this event must raise; a known identity raises nothing."""
        if (event.source, event.id) in self.heard:
            return []
        self.heard.add((event.source, event.id))
        said = [alert for client in self._touched(event) for alert in self._about(client, event)]
        if isinstance(event, ClockTicked) and FEED_SILENCE in self.rules:
            feed = self.feeds.setdefault(event.data.broker, Feed(event.data.broker))
            said += feed.tick(event.data, self.lines, self.calendar)
        return said

    def _touched(self, event: TradingEvent) -> list[Client]:
        """Return whom an event is about; a rehearsal is about a client of its own."""
        if isinstance(event, ClockTicked | DayClosed):
            mine = (one for one in self.clients.values() if one.broker == event.data.broker)
            return [one for one in mine if one.orders or isinstance(event, DayClosed)]
        key = event.subject, event.data.rehearsal
        if key not in self.clients:
            self.clients[key] = Client(event.subject)
        return [self.clients[key]]

    def _about(self, client: Client, event: TradingEvent) -> list[Expected]:
        data: Any = event.data
        before = client.hear(event)
        silent = getattr(data, "backfill", False)
        case = Case(client, data, before, self.lines, self.calendar, silent)
        for judge in self._judges.get(event.type, ()):
            judge(case)
        return case.said


def expected(
    events: Iterable[TradingEvent],
    lines: Lines | None = None,
    rules: Collection[str] = EVERY,
) -> list[Expected]:
    """Return every alert event that the events must raise, in their order.

    ``rules`` asks for some of the rules only: as if the others were not in force.
    """
    unknown = set(rules) - EVERY
    if unknown:
        raise ValueError(f"no such rule: {sorted(unknown)}")
    oracle = Oracle(lines or Lines(), rules=frozenset(rules))
    return [alert for event in events for alert in oracle.tell(event)]
