"""告知决定 — alert + policy + history + now → decisions. The whole service in one pure function.

An alert's revisions are told in order. What waits is decided anew when its time comes, together
with all that has come since.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.notify.domain.decision import Decision, Defer, Send, Settled, Suppress
from services.notify.domain.muting import NOTHING_MUTES, Muting, muted
from services.notify.domain.overtaking import overtaken
from services.notify.domain.policy import Policy
from services.notify.domain.quiet_hours import quiet_until
from services.notify.domain.reaching import Ways, reach, sends_to
from services.notify.domain.receiver import Directory
from services.notify.domain.route import (
    HAS_HEARD,
    Route,
    to_addressed,
    to_chosen,
    to_desk,
    to_manager,
    to_those_who_heard,
)
from shared.contracts.alerts import FEED, AlertConfirmed, AlertEvent, AlertWithdrawn

DAWN = datetime(1970, 1, 1, tzinfo=UTC)
"""A clock that is driven by ticks says this until the first one: nobody knows the time yet."""


@dataclass(frozen=True)
class History:
    """What has happened with the alert.

    ``since``: when it began to wait (None: it does not); ``heard``: who was told of any revision;
    ``standing``: the last thing told is that the alert holds, so that a withdrawal matters;
    ``muting``: the silences, and the other alerts that its account was told.
    """

    directory: Directory
    since: datetime | None = None
    standing: bool = False
    heard: frozenset[str] = frozenset()
    muting: Muting = NOTHING_MUTES


def settle(
    pending: Sequence[AlertEvent], policy: Policy, history: History, now: datetime
) -> tuple[Settled, ...]:
    """Decide all revisions of an alert that were not told yet, oldest first."""
    silent = {n: why for n, event in enumerate(pending) if (why := untold(event, policy))}
    dropped = silent | overtaken(pending, silent.keys(), history.standing)
    settled: list[Settled] = []
    waiting: Defer | None = None
    for number, event in enumerate(pending):
        decisions: tuple[Decision, ...]
        if number in dropped:
            decisions = (Suppress(dropped[number]),)
        elif waiting is not None:
            decisions = (Defer(waiting.until, "behind-earlier-revision"),)
        else:
            decisions = decide(event, policy, history, now)
        settled.append(Settled(event, decisions))
        waiting = waiting or settled[-1].deferred
        history = _after(history, settled[-1])
    return tuple(settled)


def untold(event: AlertEvent, policy: Policy) -> str | None:
    """Return the named reason why nobody is ever told of this revision, or None."""
    if event.data.rehearsal:
        return "rehearsal"
    if isinstance(event, AlertConfirmed) and event.data.rule not in policy.tell_confirmed:
        return "confirmed-by-settlement"
    return None


def decide(
    event: AlertEvent, policy: Policy, history: History, now: datetime
) -> tuple[Decision, ...]:
    """Decide one revision: whether at all, then when, then who can be reached."""
    if (why := untold(event, policy)) is not None:
        return (Suppress(why),)
    client = history.directory.client
    manager = client.manager_id if client else None
    if (quiet := muted(event, policy.quieting, history.muting, manager, now)) is not None:
        return (quiet,)
    if (waits := _too_early(event, policy, now)) is not None:
        return (waits,)
    route = _route(event, policy, history)
    if not route.receivers:
        began = now if history.since in (None, DAWN) else history.since
        if (until := began + policy.relation_wait) > now:
            return (Defer(until, route.reason),)
    standing = history.standing
    if not sends_to(route.receivers, policy.channels_of(event, standing), route.reason):
        standing = False  # loud is better than a stranger
    channels = policy.channels_of(event, standing)
    ways = Ways(channels, policy.choice_of(event), now)
    told = reach(route, history.directory, ways)
    if not told:
        return (Defer(now + policy.desk_wait, "nobody-reachable"),)
    also = history.directory.desk if _is_the_desks_too(event, policy, route) else ()
    told += _besides(told, sends_to(also, channels, "desk-too"))
    absent = policy.not_configured(event, standing)
    together = policy.together_until(event, history.muting.before, now)
    return (
        *_waiting(told, together),
        *(Suppress("not-configured", channel=name) for name in absent),
    )


def _too_early(event: AlertEvent, policy: Policy, now: datetime) -> Defer | None:
    """Return until when the alert itself, and then the clock, keep it back."""
    alert = event.data
    if alert.tell_from is not None and now < alert.tell_from:
        return Defer(alert.tell_from, "not-before")
    if now <= DAWN and alert.urgency in policy.quiet_hours.urgencies:
        return Defer(DAWN, "clock-not-started")
    until = quiet_until(policy.quiet_hours, alert.urgency, now)
    return None if until is None else Defer(until, "quiet-hours")


@dataclass(frozen=True)
class Tried:
    """One intent of a revision as it stands; ``end`` is None while it is open."""

    receiver_id: str
    channel: str
    step: int
    end: str | None


def after_failure(
    event: AlertEvent, policy: Policy, directory: Directory, tried: Sequence[Tried], failed: Tried
) -> tuple[Decision, ...]:
    """Decide what follows when an intent ended without having been sent.

    First the channels kept for that, to the same receiver; when nothing is left open and nothing
    was sent, the risk desk hears it, once; when that is no help either, it is undeliverable.
    """
    used = {t.channel for t in tried if t.receiver_id == failed.receiver_id}
    receiver = directory.staff.get(failed.receiver_id)
    usual = policy.channels_of(event) if receiver is not None and receiver.preferences else ()
    spare = [c for c in (*usual, *policy.spare(event.data.urgency)) if c not in used]
    if receiver is not None and (more := sends_to((receiver,), spare, "rejected-elsewhere")):
        return tuple(replace(send, step=failed.step) for send in more)
    if any(t.end in (None, "sent") for t in tried):
        return ()
    asked = {t.receiver_id for t in tried}
    others = tuple(p for p in directory.desk if p.staff_id not in asked)
    channels = policy.channels_of(event)
    if all(t.step == 1 for t in tried) and (sends := sends_to(others, channels, "nobody-reached")):
        return tuple(replace(send, step=2) for send in sends)
    return (Suppress("undeliverable"),)


def _route(event: AlertEvent, policy: Policy, history: History) -> Route:
    if event.type.removeprefix("alert.") in policy.to_those_who_heard and history.heard:
        heard = to_those_who_heard(history.directory, history.heard)
        if heard.receivers:
            return heard
    if (chosen := policy.chosen(event.data.rule)) is not None:
        return to_chosen(history.directory, chosen)
    if event.data.receiver is not None:
        return to_addressed(history.directory, event.data.receiver)
    if event.data.account == FEED:
        return to_desk(history.directory)
    return to_manager(history.directory)


def _waiting(told: Iterable[Decision], until: datetime | None) -> Iterator[Decision]:
    """Yield the decisions; what is sent waits ``until`` then for others of its client."""
    return (replace(d, until=until) if isinstance(d, Send) else d for d in told)


def _is_the_desks_too(event: AlertEvent, policy: Policy, route: Route) -> bool:
    return event.data.rule in policy.desk_too and route.reason != HAS_HEARD


def _besides(told: Iterable[Decision], more: Iterable[Send]) -> tuple[Send, ...]:
    """Return those of the sends that do not go where one goes already."""
    ways = {(d.receiver.staff_id, d.channel) for d in told if isinstance(d, Send)}
    return tuple(send for send in more if (send.receiver.staff_id, send.channel) not in ways)


def _after(history: History, settled: Settled) -> History:
    if not settled.sends:
        return history
    told = {send.receiver.staff_id for send in settled.sends}
    standing = not isinstance(settled.event, AlertWithdrawn)
    return replace(history, standing=standing, heard=history.heard | told)
