"""升级 — nobody answers: an alert climbs its ladder, step by step, by counted minutes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from services.notify.domain.answer import OVER, Answer, HandedOver, Snoozed
from services.notify.domain.decision import Settled
from services.notify.domain.duty import (
    Applies,
    apart_from,
    awake,
    counted,
    on_duty,
    over_at,
    trading,
)
from services.notify.domain.ladder import CalendarName, Ladder, Rung
from services.notify.domain.muting import WORSE, Silence
from services.notify.domain.policy import Policy
from shared.contracts.alerts import AlertRaised, AlertUpdated, AlertWithdrawn, Urgency
from shared.kernel.trading_day import Calendar

ANSWERED, WITHDRAWN, EXHAUSTED = "answered", "withdrawn", "exhausted"
Silences = Sequence[Silence]


@dataclass(frozen=True)
class Climb:
    """Where an alert stands on its ladder.

    ``owner``: whose superiors are asked; ``since``: from when on minutes count, beside those
    ``carried``; ``taken``: steps done. ``revision``: the one it began with. ``ended``: why it is
    over, None while it is not.
    """

    revision: int
    urgency: Urgency
    owner: str
    since: datetime
    carried: timedelta = timedelta()
    taken: int = 0
    ended: str | None = None


@dataclass(frozen=True)
class Escalation:
    """The ladders of a policy by a trading calendar. ``on``: False switches all climbing off.

    ``quiet``: the silences that fit an alert; while one holds no minute counts.
    """

    policy: Policy
    calendar: Calendar
    on: bool = True

    def began(self, decided: Sequence[Settled], now: datetime) -> Climb | None:
        """Return the climb that begins with what was just told, or None."""
        for settled in reversed(decided):
            alert = settled.event.data
            if alert.receiver is not None or self.policy.chosen(alert.rule) is not None:
                return None
            if settled.sends and isinstance(settled.event, AlertRaised | AlertUpdated):
                told = sorted((s.receiver for s in settled.sends), key=lambda r: r.is_team)
                owner = told[0].staff_id  # a team has no superiors, a person has
                known = self.ladder(alert.urgency) is not None
                return Climb(alert.revision, alert.urgency, owner, now) if known else None
        return None

    def goes_on(self, before: Climb | None, told: Climb) -> Climb | None:
        """Return where an alert stands once a further revision was told; None: where it stood.

        ``before``: its climb so far; ``told``: the one that this revision alone would begin.
        """
        if before is None or before.ended == WITHDRAWN:
            return told
        more_urgent = WORSE[told.urgency] > WORSE[before.urgency]
        if before.ended == ANSWERED:
            rule = self.policy.climbs_again
            return told if rule == "updated" or (rule == "more_urgent" and more_urgent) else None
        return self._raised(before, told) if more_urgent else None

    def _raised(self, before: Climb, told: Climb) -> Climb:
        """Return the more urgent climb: counted from now, past the steps whose people have heard.

        It keeps ``revision``, so that nobody an earlier step told is told by a later one again.
        """
        done = {rung.to for rung in self.steps(before)[: before.taken]}
        climb = replace(before, urgency=told.urgency, since=told.since, carried=timedelta())
        steps = self.steps(climb)
        taken = len(list(takewhile(lambda rung: rung.to in done, steps)))
        return replace(climb, taken=taken, ended=EXHAUSTED if taken == len(steps) else None)

    def answered(self, climb: Climb, answer: Answer, now: datetime, quiet: Silences = ()) -> Climb:
        """Return where an alert stands after an answer."""
        match answer:
            case HandedOver(to) if climb.ended != WITHDRAWN:
                return replace(climb, owner=to, since=now, carried=timedelta(), taken=0, ended=None)
            case Snoozed(until) if climb.ended is None:
                return replace(climb, since=until, carried=self.counted(climb, now, quiet))
            case _ if isinstance(answer, OVER) and climb.ended is None:
                return replace(climb, ended=ANSWERED)
            case _:
                return climb

    def due(self, climb: Climb, quiet: Silences = ()) -> datetime | None:
        """Return when its next step is due; None: there is none."""
        if climb.ended is not None or climb.taken >= len(self.steps(climb)):
            return None
        return self._reached(climb, climb.taken, quiet)

    def highest_due(self, climb: Climb, now: datetime, quiet: Silences = ()) -> int | None:
        """Return the highest step whose time has come, counted from 0; None: none has."""
        if climb.ended is not None:
            return None
        steps = range(climb.taken, len(self.steps(climb)))
        return max((n for n in steps if self._reached(climb, n, quiet) <= now), default=None)

    def taken(self, climb: Climb, step: int) -> Climb:
        """Return where an alert stands after a step (counted from 0)."""
        last = step + 1 >= len(self.steps(climb))
        return replace(climb, taken=step + 1, ended=EXHAUSTED if last else None)

    def counted(self, climb: Climb, now: datetime, quiet: Silences = ()) -> timedelta:
        """Return the time that has counted so far."""
        return climb.carried + counted(self._calendars(climb.urgency, quiet), climb.since, now)

    def ladder(self, urgency: Urgency) -> Ladder | None:
        """Return the ladder of an urgency, if there is one."""
        return self.policy.escalation.get(urgency) if self.on else None

    def steps(self, climb: Climb) -> Sequence[Rung]:
        """Return the ladder's steps; none, where the policy has none any more."""
        ladder = self.ladder(climb.urgency)
        return ladder.steps if ladder else ()

    def _reached(self, climb: Climb, step: int, quiet: Silences) -> datetime:
        needed = timedelta(minutes=self.steps(climb)[step].after) - climb.carried
        return over_at(self._calendars(climb.urgency, quiet), climb.since, needed)

    def _calendars(self, urgency: Urgency, quiet: Silences) -> Sequence[Applies]:
        ladder = self.ladder(urgency)
        names = sorted(ladder.counts) if ladder else []
        made = (self._calendar(name, urgency) for name in names)
        found = [calendar for calendar in made if calendar is not None]
        return [*found, apart_from(quiet)] if quiet else found

    def _calendar(self, name: CalendarName, urgency: Urgency) -> Applies | None:
        quiet, duty = self.policy.quiet_hours, self.policy.duty_hours
        if name == "awake":
            return awake(quiet) if urgency in quiet.urgencies else None
        if name == "duty":
            return on_duty(duty, self.calendar) if duty else None
        return trading(self.calendar)


def is_withdrawn(decided: Sequence[Settled]) -> bool:
    """Say whether the alert no longer holds: then nobody need answer it, told or not."""
    return any(isinstance(settled.event, AlertWithdrawn) for settled in decided)
