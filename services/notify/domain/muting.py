"""不告知 — silence, inhibition, repeat interval: three ways to say "not this one", each named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.notify.domain.decision import Suppress
from shared.contracts.alerts import (
    Alert,
    AlertEvent,
    AlertRaised,
    AlertUpdated,
    Urgency,
)

NEWS = (AlertRaised, AlertUpdated)
"""Only these are inhibited: who heard of an alert hears how it ended, too."""

WORSE = {Urgency.LOW: 0, Urgency.MIDDLE: 1, Urgency.HIGH: 2}


@dataclass(frozen=True)
class Silence:
    """静音 — what matches every field given is not told from ``begin`` to ``until`` (excluded)."""

    number: int
    broker: str
    begin: datetime
    until: datetime
    reason: str
    author: str
    account: str | None = None
    rule: str | None = None
    manager: str | None = None

    def covers(self, alert: Alert, manager: str | None, now: datetime) -> bool:
        """Say whether it keeps an alert of this manager's client quiet now."""
        return self.fits(alert, manager) and self.holds(now)

    def fits(self, alert: Alert, manager: str | None) -> bool:
        """Say whether it keeps an alert of this manager's client quiet at any time."""
        asked = ((self.account, alert.account), (self.rule, alert.rule), (self.manager, manager))
        same = all(wanted is None or wanted == found for wanted, found in asked)
        return same and self.broker == alert.broker

    def holds(self, now: datetime) -> bool:
        """Say whether it is in force."""
        return self.begin <= now < self.until


def silencing(silences: Iterable[Silence], now: datetime) -> Silence | None:
    """Return the first of these that is in force."""
    return next((silence for silence in silences if silence.holds(now)), None)


@dataclass(frozen=True)
class Before:
    """Another alert of the same account that was told: of which rule, how urgent, when last."""

    rule: str
    urgency: Urgency
    trading_day: date
    at: datetime


@dataclass(frozen=True)
class Muting:
    """What may keep an alert quiet: the silences, and what its account was told before."""

    silences: tuple[Silence, ...] = ()
    before: tuple[Before, ...] = ()


NOTHING_MUTES = Muting()


@dataclass(frozen=True)
class Quieting:
    """The policy's share of it. ``repeat``: rule → how long its next alert is no news.

    ``always``: it matters of every rule, since alerts of one client are grouped.
    """

    inhibits: Mapping[str, frozenset[str]]
    repeat: Mapping[str, timedelta]
    always: bool = False

    def looks_back(self, rule: str) -> bool:
        """Say whether it matters that an alert of this rule was told."""
        return self.always or rule in self.inhibits or rule in self.repeat

    def depends(self, rule: str) -> bool:
        """Say whether what was told before may keep an alert of this rule quiet, or waiting."""
        inhibited = any(rule in quieted for quieted in self.inhibits.values())
        return self.always or inhibited or rule in self.repeat


def muted(
    event: AlertEvent, quieting: Quieting, muting: Muting, manager: str | None, now: datetime
) -> Suppress | None:
    """Return why nobody is told of this revision, or None."""
    for silence in muting.silences:
        if silence.covers(event.data, manager, now):
            return Suppress("silenced", by=f"silence {silence.number}")
    if isinstance(event, NEWS) and (by := _inhibitor(event.data, quieting, muting)):
        return Suppress("inhibited", by=by)
    if isinstance(event, AlertRaised) and _is_repeat(event.data, quieting, muting, now):
        return Suppress("repeat-interval", by=event.data.rule)
    return None


def _inhibitor(alert: Alert, quieting: Quieting, muting: Muting) -> str | None:
    """Return the rule that, told of this account on the same trading day, makes this no news."""
    rules = (b.rule for b in muting.before if b.trading_day == alert.trading_day)
    return next((r for r in rules if alert.rule in quieting.inhibits.get(r, ())), None)


def _is_repeat(alert: Alert, quieting: Quieting, muting: Muting, now: datetime) -> bool:
    """Say whether its rule was told of this account a moment ago, and it is no worse now."""
    interval = quieting.repeat.get(alert.rule)
    return interval is not None and any(
        before.rule == alert.rule
        and now - interval < before.at <= now
        and WORSE[alert.urgency] <= WORSE[before.urgency]
        for before in muting.before
    )
