"""What came of a day: who told its balances; each alert by its id, how it went and stands."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

import msgspec

from deploy.synthetic.stream import SOURCE
from shared.contracts.alerts import AlertEvent
from tests.kit.in_process import Record


class Story(NamedTuple):
    """One alert. ``steps``: its events' types in their order, the last of which stands."""

    rule: str
    account: str
    episode: str
    trading_day: str
    steps: tuple[str, ...]
    summary: str
    facts: tuple[tuple[str, str], ...]


def stories(heard: Iterable[AlertEvent]) -> dict[UUID, Story]:
    """Return every alert's story; its words are the last ones."""
    told: dict[UUID, Story] = {}
    for event in heard:
        data = event.data
        before = told[data.alert_id].steps if data.alert_id in told else ()
        told[data.alert_id] = Story(
            data.rule,
            data.account,
            data.episode,
            data.trading_day.isoformat(),
            (*before, event.type),
            data.summary,
            tuple(sorted(data.facts.items())),
        )
    return told


def tellers(log: Iterable[Record]) -> set[str]:
    """Return the sources that settled the accounts, but for the stream."""
    events = (msgspec.json.decode(one.value, type=_Event) for one in log)
    told = {event.source for event in events if event.type == "account.settled"}
    return {source.removeprefix("guanchao/") for source in told - {SOURCE}}


class _Event(msgspec.Struct):
    source: str
    type: str


def differences(
    one: Mapping[UUID, Story], other: Mapping[UUID, Story]
) -> list[tuple[Story | None, Story | None]]:
    """Return both stories of each alert that the two do not tell alike; None: one has none."""
    pairs = ((one.get(name), other.get(name)) for name in sorted(one.keys() | other.keys()))
    return [(ours, theirs) for ours, theirs in pairs if ours != theirs]
