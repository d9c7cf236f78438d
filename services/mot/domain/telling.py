"""A finding becomes an alert: its identity, its words, and the passport of what it follows from."""

from typing import Any, NamedTuple

import msgspec

from services.mot.domain.account import Account
from services.mot.domain.detector import Finding
from services.mot.domain.detectors import AnyDetector
from services.mot.domain.events import TradingEvent
from services.mot.domain.passport import event_text
from services.mot.domain.stored import state_text
from shared.contracts.alerts import (
    Alert,
    AlertAmended,
    AlertConfirmed,
    AlertEvent,
    AlertRaised,
    AlertUpdated,
    AlertWithdrawn,
    Passport,
)
from shared.contracts.topics import ACCOUNT
from shared.kernel.ids import alert_id, revision_id

SOURCE = "guanchao/mot"
REHEARSAL = "~"  # before the key of an account in an exchange's weekend test

_EVENTS: dict[str, type[AlertEvent]] = {
    "raised": AlertRaised,
    "updated": AlertUpdated,
    "confirmed": AlertConfirmed,
    "amended": AlertAmended,
    "withdrawn": AlertWithdrawn,
}


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Whose account is looked at (after ``~`` a rehearsal's), and where the event stands."""

    key: str
    partition: int
    offset: int


class Telling(NamedTuple):
    """What is said, by which rule, as which revision of its alert."""

    rule: str
    detector: AnyDetector
    finding: Finding
    revision: int


class Cause(NamedTuple):
    """What it follows from: the event, the account before it, where it stands, the calendar."""

    event: TradingEvent
    before: Account
    origin: Origin
    calendar: str


def told(telling: Telling, cause: Cause) -> AlertEvent:
    """Return the alert, which the contract checks; raises ``ValidationError``."""
    rule, _, finding, revision = telling
    key = cause.origin.key
    alert, type_ = alert_id(rule, key, finding.episode), f"alert.{finding.step}"
    return _EVENTS[finding.step](
        id=str(revision_id(alert, type_, revision)),
        source=SOURCE,
        subject=key.removeprefix(REHEARSAL),
        time=cause.event.time,
        data=_body(telling, cause, alert),
    )


def _body(telling: Telling, cause: Cause, alert: Any) -> Alert:
    rule, detector, finding, revision = telling
    broker, _, account = cause.origin.key.removeprefix(REHEARSAL).partition(":")
    data: Any = cause.event.data
    rehearsal = cause.origin.key.startswith(REHEARSAL) or getattr(data, "rehearsal", False)
    return Alert(
        broker=broker,
        account=account,
        trading_day=data.trading_day,
        alert_id=alert,
        revision=revision,
        rule=rule,
        rule_version=detector.version,
        message_type=detector.message_type,
        module=detector.module,
        urgency=detector.urgency,
        episode=finding.episode,
        happened_at=_happened_at(cause.event),
        summary=finding.summary,
        facts=finding.facts,
        action=detector.action_for(finding.step),
        provisional=finding.provisional,
        tell_from=finding.tell_from,
        rehearsal=rehearsal,
        passport=_passport(telling, cause),
    )


def _passport(telling: Telling, cause: Cause) -> Passport:
    rule, detector, _, _ = telling
    return Passport(
        rule=rule,
        rule_version=detector.version,
        urgency=detector.urgency,
        thresholds=detector.thresholds(),
        calendar=cause.calendar,
        topic=ACCOUNT.name,
        partition=cause.origin.partition,
        offset=cause.origin.offset,
        event_id=cause.event.id,
        before=state_text(cause.before),
        event=event_text(cause.event),
        rehearsal=cause.origin.key.startswith(REHEARSAL),
    )


def _happened_at(event: TradingEvent) -> Any:
    data: Any = event.data
    return getattr(data, "happened_at", None) or getattr(data, "at", None) or event.time
