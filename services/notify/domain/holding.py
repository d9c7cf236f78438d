"""等待 — how the ledger holds an alert after a decision."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.decide import DAWN
from services.notify.domain.decision import Defer, Settled
from services.notify.domain.ledger import Held
from shared.contracts.alerts import AlertEvent, AlertWithdrawn


def runs(
    heard: Sequence[tuple[AlertEvent, str]],
) -> Iterator[Sequence[tuple[AlertEvent, str]]]:
    """Cut events into runs, in their order, so that no alert is twice in one."""
    run: dict[UUID, tuple[AlertEvent, str]] = {}
    for event, origin in heard:
        if event.data.alert_id in run:
            yield list(run.values())
            run = {}
        run[event.data.alert_id] = (event, origin)
    if run:
        yield list(run.values())


def is_no_news(settled: Settled, held: Held) -> bool:
    """Say whether a deferral only repeats what the ledger knows."""
    deferred = settled.deferred
    return deferred is not None and deferred.reason in (held.reason, "behind-earlier-revision")


def holding(held: Held, decided: Sequence[Settled], now: datetime) -> tuple[Held, datetime | None]:
    """Return how the ledger holds the alert from now on, and when it is due again."""
    told = [settled.event for settled in decided if settled.sends]
    standing = not isinstance(told[-1], AlertWithdrawn) if told else held.standing
    first: Defer | None = next((d for s in decided if (d := s.deferred) is not None), None)
    if first is None:
        return replace(held, standing=standing, since=None, reason=None), None
    since = held.since if held.since is not None and held.since > DAWN else now
    return replace(held, standing=standing, since=since, reason=first.reason), first.until
