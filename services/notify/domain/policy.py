"""告知政策 — who hears, by what, when: data, in ``policy.yaml``."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Literal, Self

from pydantic import (
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from services.notify.domain.budget import Window
from services.notify.domain.channels import catalogue
from services.notify.domain.grouping import Grouping
from services.notify.domain.ladder import ClimbsAgain, DutyHours, Ladder, Shift
from services.notify.domain.muting import Before, Quieting
from services.notify.domain.part import Part
from services.notify.domain.reaching import Ways
from services.notify.domain.templates import Templates
from shared.contracts.alerts import AlertEvent, Urgency
from shared.contracts.event import Code

Step = Literal["raised", "updated", "confirmed", "amended", "withdrawn"]
"""What a revision does to its alert: the last word of its event's type."""


class QuietHours(Part):
    """免打扰时段 — from ``begin`` (included) to ``end`` (excluded), Asia/Shanghai."""

    begin: time
    end: time
    urgencies: frozenset[Urgency]


class Merging(Part):
    """摘要: what was kept back by its budget for ``after_seconds`` is merged, urgent ones never.

    A digest names ``at_least`` to ``at_most`` alerts.
    """

    after_seconds: NonNegativeInt
    at_least: PositiveInt = 2
    at_most: PositiveInt = 200


class Backoff(Part):
    """Seconds between repeats: doubling from ``first`` to ``longest``."""

    first: PositiveFloat
    longest: PositiveFloat


class Late(Part):
    """第二通道: what a channel could not take for ``after_seconds`` (business time) goes ``by``."""

    after_seconds: PositiveInt
    by: tuple[str, ...]


class Notice(Part):
    """How one of notify's own rules is told: by which channels, to whom (None: the risk desk)."""

    channels: tuple[str, ...]
    to: Code | None = None


class Policy(Part):
    """The whole policy. ``channels``: urgency → at once; ``when_rejected``, ``when_late``: then.

    ``choice``: urgency → those one of which a person may prefer; the urgent goes by all.
    ``only_by``: step → the only ones of these channels, for who has heard the alert before.
    ``to_those_who_heard``: steps that go to them. ``tell_confirmed``: the rules whose confirmation
    is news; elsewhere it is only the settlement that agrees with what was told by day.
    ``climbs_again``: what makes an answered alert climb again. See ``ladder.ClimbsAgain``.
    ``desk_too``: the rules of which the risk desk hears at once, beside the manager.
    ``inhibits``: rule → the rules that are no news once it was told of the same account and day.
    ``repeat_minutes``: rule → for how long its next alert of the same account is no news.
    ``digest``, ``grouping``: None, when nothing is merged so. ``configured``: the channels that
    have settings here (None: all); no other is used. ``notices``: rule → how, of what notify says
    of itself. ``wording``: the templates, a file of their own.
    """

    channels: Mapping[Urgency, tuple[str, ...]]
    when_rejected: Mapping[Urgency, tuple[str, ...]] = {}
    when_late: Mapping[Urgency, Late] = {}
    choice: Mapping[Urgency, tuple[str, ...]] = {}
    only_by: Mapping[Step, frozenset[str]] = {}
    to_those_who_heard: frozenset[Step] = frozenset({"withdrawn"})
    tell_confirmed: frozenset[str] = frozenset()
    desk_too: frozenset[str] = frozenset()
    quiet_hours: QuietHours
    duty_hours: DutyHours | None = None
    escalation: Mapping[Urgency, Ladder] = {}
    climbs_again: ClimbsAgain = "updated"
    on_call: tuple[Shift, ...] = ()
    relation_wait_seconds: NonNegativeInt
    desk_wait_seconds: PositiveInt
    desk_role: str
    inhibits: Mapping[str, frozenset[str]] = {}
    repeat_minutes: Mapping[str, PositiveInt] = {}
    budgets: Mapping[str, tuple[Window, ...]]
    digest: Merging | None
    grouping: Grouping | None = None
    configured: frozenset[str] | None = None
    notices: Mapping[str, Notice] = {}
    backoff: Backoff
    wording: Templates

    def channels_of(self, event: AlertEvent, standing: bool = True) -> tuple[str, ...]:
        """Return the channels of a revision; ``standing``: what it goes on from was told."""
        return tuple(c for c in self._named(event, standing) if self.has(c))

    def ways(self, event: AlertEvent, now: datetime) -> Ways:
        """Return how a person is reached who has not been told of it before."""
        return Ways(self.channels_of(event, standing=False), self.choice_of(event), now)

    def not_configured(self, event: AlertEvent, standing: bool = True) -> tuple[str, ...]:
        """Return the channels it would be told by, had they settings."""
        return tuple(c for c in self._named(event, standing) if not self.has(c))

    def spare(self, urgency: Urgency) -> tuple[str, ...]:
        """Return the channels for what another one has rejected."""
        return tuple(c for c in self.when_rejected.get(urgency, ()) if self.has(c))

    def chosen(self, rule: str) -> str | None:
        """Return the staff id of who alone hears a rule of notify's own, and need not answer."""
        notice = self.notices.get(rule)
        return None if notice is None else notice.to

    def choice_of(self, event: AlertEvent) -> tuple[str, ...]:
        """Return the channels one of which a person may prefer; none for notify's own rules."""
        own = event.data.rule in self.notices
        choice = () if own else self.choice.get(event.data.urgency, ())
        return tuple(c for c in choice if self.has(c))

    def together_until(
        self, event: AlertEvent, before: Iterable[Before], now: datetime
    ) -> datetime | None:
        """Return until when a revision waits for others of its client; None: it does not."""
        if self.grouping is None or event.data.rule in self.notices:
            return None
        return self.grouping.until(event, before, now)

    def has(self, channel: str) -> bool:
        """Say whether a channel has settings."""
        return self.configured is None or channel in self.configured

    def _named(self, event: AlertEvent, standing: bool) -> tuple[str, ...]:
        notice = self.notices.get(event.data.rule)
        usual = notice.channels if notice else self.channels[event.data.urgency]
        only = [names for step, names in self.only_by.items() if event.type == f"alert.{step}"]
        return tuple(c for c in usual if only == [] or c in only[0]) if standing else usual

    @property
    def quieting(self) -> Quieting:
        """What keeps an alert quiet because of others."""
        repeat = {rule: timedelta(minutes=n) for rule, n in self.repeat_minutes.items()}
        return Quieting(self.inhibits, repeat, always=self.grouping is not None)

    @property
    def relation_wait(self) -> timedelta:
        """How long an alert waits for its account's manager, in business time."""
        return timedelta(seconds=self.relation_wait_seconds)

    @property
    def desk_wait(self) -> timedelta:
        """How long an alert waits before looking again for somebody who can be reached."""
        return timedelta(seconds=self.desk_wait_seconds)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if missing := set(Urgency) - set(self.channels):
            raise ValueError(f"channels says nothing about urgency {sorted(missing)}")
        named = {name for names in self.channels.values() for name in names}
        named |= {name for names in self.when_rejected.values() for name in names}
        named |= {name for names in self.choice.values() for name in names}
        named |= {name for names in self.only_by.values() for name in names}
        named |= {name for late in self.when_late.values() for name in late.by}
        if unknown := (named | set(self.budgets)) - set(catalogue()):
            raise ValueError(f"no such channel: {sorted(unknown)}")
        return self

    @model_validator(mode="after")
    def _nobody_chooses_what_is_urgent(self) -> Self:
        if Urgency.HIGH in self.choice:
            raise ValueError("choice: of high urgency no channel is left out")
        return self

    @model_validator(mode="after")
    def _duty_hours_are_said(self) -> Self:
        counting = {name for ladder in self.escalation.values() for name in ladder.counts}
        if "duty" in counting and self.duty_hours is None:
            raise ValueError("escalation counts duty, and there are no duty_hours")
        return self
