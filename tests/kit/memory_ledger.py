"""notify's ledger as dicts and lists, and a teller over it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from services.notify.agent import Teller
from services.notify.domain.answer import Answered
from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.climb import Climb, Escalation
from services.notify.domain.decide import Tried
from services.notify.domain.decision import Defer, Settled
from services.notify.domain.ledger import Book, Claimed, Held, Intent
from services.notify.domain.links import Signer
from services.notify.domain.muting import NOTHING_MUTES, Muting, Silence
from services.notify.domain.receiver import Directory
from services.notify.domain.retry import Ended, Verdict
from services.notify.domain.undo import Shown
from shared.clock import DrivenClock
from shared.contracts.alerts import Alert as Body
from shared.contracts.alerts import AlertEvent
from shared.contracts.event import Event
from shared.kernel.trading_day import china
from tests.kit.alerts import MOMENT, POLICY, known

ESCALATION = Escalation(POLICY, china())


@dataclass
class Alert:
    held: Held = field(default_factory=Held)
    due: datetime | None = None
    waiting: list[AlertEvent] = field(default_factory=list)
    events: dict[int, AlertEvent] = field(default_factory=dict)


@dataclass
class MemoryLedger:
    """Ledger and Book in one: a transaction that fails is not tested here."""

    people: Directory
    inbox: set[str] = field(default_factory=set)
    alerts: dict[UUID, Alert] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)
    intents: dict[UUID, Intent] = field(default_factory=dict)
    ends: dict[UUID, str] = field(default_factory=dict)
    leases: dict[UUID, UUID] = field(default_factory=dict)
    answers: list[Answered] = field(default_factory=list)
    climbs: dict[UUID, Climb] = field(default_factory=dict)
    reminders: dict[UUID, tuple[str, datetime]] = field(default_factory=dict)
    outbox: list[tuple[str, Event]] = field(default_factory=list)
    muted: Muting = NOTHING_MUTES
    remembered: list[tuple[str, str]] = field(default_factory=list)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Book]:
        yield self

    async def due(self, now: datetime, limit: int) -> Sequence[UUID]:
        return [i for i, a in self.alerts.items() if a.due is not None and a.due <= now]

    async def enter(self, heard: Sequence[tuple[AlertEvent, str]]) -> Mapping[str, Held]:
        new = [event for event, _ in heard if event.id not in self.inbox]
        self.inbox |= {event.id for event in new}
        return {e.id: self.alerts.setdefault(e.data.alert_id, Alert()).held for e in new}

    async def take_due(self, alert_id: UUID, now: datetime) -> Held | None:
        alert = self.alerts[alert_id]
        return alert.held if alert.due is not None and alert.due <= now else None

    async def ignore(self, event: AlertEvent, reason: str, now: datetime) -> None:
        self.decisions.append(f"{event.data.revision} suppress {reason}")

    async def pending(self, alert_id: UUID) -> Sequence[AlertEvent]:
        return list(self.alerts[alert_id].waiting)

    async def heard(self, alert_id: UUID) -> frozenset[str]:
        return frozenset(i.send.receiver.staff_id for i in self.intents.values())

    async def shown(self, alert_id: UUID) -> Sequence[Shown]:
        return ()

    async def outdated(self, accepted: Sequence[Claimed]) -> Sequence[Shown]:
        return ()

    async def around(self, broker: str, account: str, heard: Iterable[str]) -> Directory:
        return self.people

    async def record(self, settled: Settled, now: datetime, quietly: bool) -> None:
        revision = settled.event.data.revision
        for decision in settled.decisions:
            if not (quietly and isinstance(decision, Defer)):
                kind = type(decision).__name__.lower()
                self.decisions.append(f"{revision} {kind} {decision.reason}")
        alert = self.alerts[settled.event.data.alert_id]
        alert.events[revision] = settled.event
        alert.waiting = [e for e in alert.waiting if e.data.revision != revision]
        if settled.deferred is not None:
            alert.waiting.append(settled.event)

    async def intend(self, intents: Sequence[Intent]) -> None:
        for intent in intents:
            self.intents.setdefault(intent.intent_id, intent)

    async def hold(self, alert_id: UUID, held: Held, due: datetime | None) -> None:
        alert = self.alerts[alert_id]
        alert.due = due
        alert.held = replace(held, waiting=due is not None)

    async def conclude(self, claimed: Claimed, verdict: Verdict, now: datetime) -> float | None:
        if self.leases.get(claimed.intent_id) != claimed.lease:
            return None
        if isinstance(verdict, Ended):
            self.ends[claimed.intent_id] = verdict.end.value
        return 0.1

    async def muting(self, alert: Body, now: datetime, before: bool) -> Muting:
        return self.muted

    async def remember(self, event: AlertEvent, now: datetime) -> None:
        self.remembered.append((type(event).__name__, event.data.rule))

    async def conclude_sent(
        self, sent: Sequence[tuple[Claimed, Ended]], now: datetime
    ) -> Mapping[UUID, float]:
        kept = [(c.intent_id, await self.conclude(c, verdict, now)) for c, verdict in sent]
        return {which: seconds for which, seconds in kept if seconds is not None}

    async def lock(self, alert_id: UUID) -> None:
        return None

    async def concerned(self, claimed: Claimed) -> Sequence[Claimed]:
        return [claimed]

    async def newest(self, alert_id: UUID) -> AlertEvent | None:
        alert = self.alerts.get(alert_id)
        return alert.events[max(alert.events)] if alert else None

    async def last_step(self, alert_id: UUID) -> int:
        return max([2, *(i.send.step for i in self.intents.values())])

    async def answer(self, answered: Answered) -> bool:
        new = answered.answer_id not in {a.answer_id for a in self.answers}
        self.answers += [answered] if new else []
        return new

    async def lowest_step(self, alert_id: UUID) -> int:
        return min([0, *(i.send.step for i in self.intents.values())])

    async def note(self, settled: Settled, now: datetime) -> None:
        for decision in settled.decisions:
            kind = type(decision).__name__.lower()
            self.decisions.append(f"{settled.event.data.revision} {kind} {decision.reason}")

    async def tell(self, topic: str, *events: Event) -> None:
        self.outbox += [(topic, event) for event in events]

    async def climb(self, alert_id: UUID) -> Climb | None:
        return self.climbs.get(alert_id)

    async def keep_climb(self, alert_id: UUID, climb: Climb, due: datetime | None) -> None:
        self.climbs[alert_id] = climb

    async def end_climb(self, alert_id: UUID, reason: str) -> None:
        if (climb := self.climbs.get(alert_id)) is not None:
            self.climbs[alert_id] = replace(climb, ended=reason)

    async def silences(self, alert: Body, since: datetime) -> Sequence[Silence]:
        return [one for one in self.muted.silences if one.until > since]

    async def remind(self, alert_id: UUID, staff_id: str, due: datetime | None) -> None:
        self.reminders.pop(alert_id, None)
        if due is not None:
            self.reminders[alert_id] = (staff_id, due)

    async def postpone(self, alert_id: UUID, due: datetime) -> None:
        self.reminders[alert_id] = (self.reminders[alert_id][0], due)

    async def reminded(self, alert_id: UUID, now: datetime) -> str | None:
        staff_id, due = self.reminders.get(alert_id, ("", now))
        return staff_id if staff_id and due <= now else None

    async def reminding(self, now: datetime, limit: int) -> Sequence[UUID]:
        return [which for which, (_, due) in self.reminders.items() if due <= now]

    async def above(self, event: AlertEvent, owner: str, on_call: Iterable[str]) -> Directory:
        return self.people

    async def heard_since(self, alert_id: UUID, revision: int) -> frozenset[str]:
        told = (i for i in self.intents.values() if i.event.data.revision >= revision)
        return frozenset(i.send.receiver.staff_id for i in told)

    async def climbing(self, now: datetime, limit: int) -> Sequence[UUID]:
        due = ((i, ESCALATION.due(climb)) for i, climb in self.climbs.items())
        return [i for i, at in due if at is not None and at <= now]

    async def failed(self, claimed: Claimed) -> tuple[AlertEvent, Sequence[Tried]]:
        event = self.alerts[claimed.alert_id].events[claimed.revision]
        return event, [
            Tried(i.send.receiver.staff_id, i.send.channel, i.send.step, self.ends.get(key))
            for key, i in self.intents.items()
            if i.event.data.revision == claimed.revision
        ]

    def told(self) -> list[str]:
        return [
            f"{i.event.data.revision} {i.send.receiver.staff_id} {i.send.channel} {i.send.step}"
            for i in self.intents.values()
        ]

    def claim(self, nth: int, **given: Any) -> Claimed:
        intent = list(self.intents.values())[nth]
        lease = self.leases[intent.intent_id] = uuid4()
        alert = intent.event.data
        claimed = Claimed(
            intent_id=intent.intent_id,
            alert_id=alert.alert_id,
            revision=alert.revision,
            step=intent.send.step,
            broker=alert.broker,
            account=alert.account,
            channel=intent.send.channel,
            receiver=intent.send.receiver.staff_id,
            urgency=alert.urgency,
            body=intent.body,
            attempts=1,
            unsure=0,
            first_at=MOMENT,
            lease=lease,
        )
        return replace(claimed, **given)


@dataclass
class Stage:
    """A teller, its ledger, its clock, and how often it woke the dispatcher."""

    ledger: MemoryLedger
    clock: DrivenClock
    teller: Teller
    woken: list[bool]


def stage(people: Directory | None = None, now: datetime = MOMENT) -> Stage:
    ledger = MemoryLedger(known() if people is None else people)
    clock, woken = DrivenClock(now), list[bool]()
    channels: dict[str, Channel] = {
        "wecom_app": WecomApp(corp_id="ww1", agent_id=1, secret=SecretStr("x")),
        "aliyun_sms": AliyunSms(
            access_key_id="id", access_key_secret=SecretStr("x"), sign_name="观潮"
        ),
    }
    signer = Signer("https://console.example", SecretStr("k" * 16))
    teller = Teller(ledger, POLICY, channels, signer, clock, lambda: woken.append(True), ESCALATION)
    return Stage(ledger, clock, teller, woken)
