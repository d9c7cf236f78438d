"""An alert derived again from its passport, and what differs. Pure."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from services.mot.domain.passport import event_of
from services.mot.domain.stored import state_of
from services.mot.domain.watch import REHEARSAL, Origin, Rules, watch
from services.mot.rules import detector_of, plain
from shared.contracts.alerts import AlertEvent
from shared.kernel.trading_day import Calendar


class CannotReplay(RuntimeError):
    """The passport does not hold what it takes; ``str`` says what is missing."""


class Difference(NamedTuple):
    """A field that is not the same; None: it is not there."""

    field: str
    recorded: Any
    derived: Any


def derive(recorded: AlertEvent, calendar: Calendar) -> AlertEvent | None:
    """Return the alert that follows from the passport alone; None: nothing does."""
    passport = recorded.data.passport
    if passport.event is None:
        raise CannotReplay(
            "护照里没有事件（旧版本的提醒）| the passport holds no event: --from-log"
        )
    if passport.calendar != calendar.version:
        raise CannotReplay(
            f"当时的日历是 {passport.calendar}，现在是 {calendar.version}："
            "把 MOT_CALENDAR 指向当时的日历文件再来（当时没有就不设）"
            " | another calendar: point MOT_CALENDAR at the file of that time"
        )
    name, given = recorded.data.rule, {n: plain(v) for n, v in passport.thresholds.items()}
    told = {"version": passport.rule_version, "urgency": passport.urgency}
    try:
        detector = detector_of(name, {**given, **told})
        before, event = state_of(passport.before), event_of(passport.event)
    except ValueError as error:
        raise CannotReplay(f"这版代码读不了护照 | this code cannot read it: {error}") from None
    done = watch(before, event, Rules({name: detector}, calendar), origin_of(recorded))
    if done.failures:
        raise CannotReplay(f"规则出错 | the rule raised {done.failures[0].why}")
    return same_alert(recorded, done.alerts)


def origin_of(recorded: AlertEvent) -> Origin:
    """Return whose memory was looked at, and where in the log."""
    passport = recorded.data.passport
    mark = REHEARSAL if passport.rehearsal else ""
    return Origin(f"{mark}{recorded.subject}", passport.partition, passport.offset)


def same_alert(recorded: AlertEvent, found: Sequence[AlertEvent]) -> AlertEvent | None:
    """Return the alert among those found that is the recorded one, by its id or its episode."""
    by_id = [alert for alert in found if alert.id == recorded.id]
    alike = [alert for alert in found if alert.data.alert_id == recorded.data.alert_id]
    return next(iter(by_id + alike), None)


def differences(recorded: bytes, derived: bytes) -> list[Difference]:
    """Return what differs, field by field; empty and other bytes: only the writing differs."""
    one, other = dict(_flat("", json.loads(recorded))), dict(_flat("", json.loads(derived)))
    return [
        Difference(field, one.get(field), other.get(field))
        for field in dict.fromkeys([*one, *other])
        if one.get(field) != other.get(field)
    ]


def _flat(at: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Name each leaf by its way; the state and the event, JSON as text, are opened too."""
    if isinstance(value, str) and at.endswith(("passport.before", "passport.event")):
        yield from _flat(at, json.loads(value))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{at}.{name}" if at else name, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{at}[{number}]", inner)
    else:
        yield at, value
