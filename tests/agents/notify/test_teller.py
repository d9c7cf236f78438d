"""The handlers over a ledger of dicts and lists."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from services.notify.agent import Teller
from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.decide import DAWN, Tried
from services.notify.domain.decision import Defer, Settled
from services.notify.domain.ledger import Book, Claimed, Held, Intent
from services.notify.domain.links import Signer
from services.notify.domain.outcome import Rejected, Retry, Sent
from services.notify.domain.receiver import Directory
from services.notify.domain.retry import Ended, Verdict
from shared.clock import DrivenClock
from shared.contracts.alerts import AlertEvent
from tests.kit.alerts import (
    MOMENT,
    MORNING,
    NIGHT,
    POLICY,
    STRANGER,
    confirmed,
    known,
    raised,
    updated,
    withdrawn,
)


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

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Book]:
        yield self

    async def due(self, now: datetime, limit: int) -> Sequence[UUID]:
        return [i for i, a in self.alerts.items() if a.due is not None and a.due <= now]

    async def first_time(self, event_id: str, origin: str) -> bool:
        new = event_id not in self.inbox
        self.inbox.add(event_id)
        return new

    async def take(self, event: AlertEvent) -> Held:
        return self.alerts.setdefault(event.data.alert_id, Alert()).held

    async def take_due(self, alert_id: UUID, now: datetime) -> Held | None:
        alert = self.alerts[alert_id]
        return alert.held if alert.due is not None and alert.due <= now else None

    async def ignore(self, event: AlertEvent, reason: str, now: datetime) -> None:
        self.decisions.append(f"{event.data.revision} suppress {reason}")

    async def pending(self, alert_id: UUID) -> Sequence[AlertEvent]:
        return list(self.alerts[alert_id].waiting)

    async def heard(self, alert_id: UUID) -> frozenset[str]:
        return frozenset(i.send.receiver.staff_id for i in self.intents.values())

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

    async def lock(self, alert_id: UUID) -> None:
        return None

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
    teller = Teller(ledger, POLICY, channels, signer, clock, lambda: woken.append(True))
    return Stage(ledger, clock, teller, woken)


MIDDLE: dict[str, Any] = {"urgency": "middle"}
BOTH = ["1 m001 wecom_app 1", "1 m001 aliyun_sms 1"]


async def test_an_alert_becomes_intents_and_wakes_the_dispatcher() -> None:
    s = stage()
    await s.teller.hear(raised(), "t/0/0")
    assert s.ledger.told() == BOTH
    assert s.woken == [True]


async def test_a_repeated_event_changes_nothing() -> None:
    s = stage()
    for _ in range(3):
        await s.teller.hear(raised(), "t/0/0")
    assert s.ledger.told() == BOTH
    assert s.ledger.decisions == ["1 send manager", "1 send manager"]


async def test_a_lower_revision_is_ignored_with_its_reason() -> None:
    s = stage()
    await s.teller.hear(updated(2), "t/0/0")
    await s.teller.hear(raised(1), "t/0/1")
    assert [line[0] for line in s.ledger.told()] == ["2", "2"]
    assert s.ledger.decisions[-1] == "1 suppress lower-revision"


async def test_a_rehearsal_reaches_nobody() -> None:
    s = stage()
    await s.teller.hear(raised(rehearsal=True), "t/0/0")
    assert not s.ledger.told()
    assert s.ledger.decisions == ["1 suppress rehearsal"]
    assert s.woken == []


async def test_every_revision_is_told_in_order() -> None:
    s = stage()
    for event in (raised(1), updated(2), confirmed(3), withdrawn(4), raised(5)):
        await s.teller.hear(event, "t")
    assert [line[0] for line in s.ledger.told()] == list("1122334455")


async def test_an_unknown_account_waits_and_then_the_risk_desk_hears() -> None:
    s = stage(STRANGER)
    await s.teller.hear(raised(), "t")
    assert not s.ledger.told()
    assert not await s.teller.settle_due()

    s.clock.advance(MOMENT + timedelta(seconds=5))
    assert await s.teller.settle_due()
    assert s.ledger.told() == ["1 r001 wecom_app 1", "1 r001 aliyun_sms 1"]
    assert not await s.teller.settle_due()


async def test_a_relation_that_arrives_meanwhile_brings_it_to_the_manager() -> None:
    s = stage(STRANGER)
    await s.teller.hear(raised(), "t")
    s.ledger.people = known()
    s.clock.advance(MOMENT + timedelta(seconds=5))
    await s.teller.settle_due()
    assert s.ledger.told() == BOTH


async def test_updates_do_not_prolong_the_wait() -> None:
    s = stage(STRANGER)
    for second, event in enumerate([raised(1), updated(2), updated(3), updated(4)]):
        s.clock.advance(MOMENT + timedelta(seconds=second))
        await s.teller.hear(event, "t")
    s.clock.advance(MOMENT + timedelta(seconds=5))
    await s.teller.settle_due()
    assert s.ledger.told() == ["4 r001 wecom_app 1", "4 r001 aliyun_sms 1"]
    assert [d for d in s.ledger.decisions if "superseded" in d] == [
        f"{n} suppress superseded" for n in (1, 2, 3)
    ]


async def test_at_night_the_newest_version_waits_for_the_morning() -> None:
    s = stage(now=NIGHT)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    await s.teller.hear(updated(2, **MIDDLE), "t")
    s.clock.advance(MORNING - timedelta(seconds=1))
    assert not await s.teller.settle_due()

    s.clock.advance(MORNING)
    await s.teller.settle_due()
    assert s.ledger.told() == ["2 m001 wecom_app 1"]


async def test_what_is_withdrawn_before_it_was_told_is_never_told() -> None:
    s = stage(now=NIGHT)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    await s.teller.hear(withdrawn(2, **MIDDLE), "t")
    s.clock.advance(MORNING)
    await s.teller.settle_due()
    assert not s.ledger.told()
    assert s.ledger.decisions[-2:] == [
        "1 suppress withdrawn-before-told",
        "2 suppress never-told",
    ]
    assert all(alert.due is None for alert in s.ledger.alerts.values())


async def test_before_the_first_tick_nothing_deferred_is_due() -> None:
    s = stage(now=DAWN)
    await s.teller.hear(raised(1, **MIDDLE), "t")
    assert not await s.teller.settle_due()
    s.clock.advance(MOMENT)
    assert await s.teller.settle_due()
    assert s.ledger.told() == ["1 m001 wecom_app 1"]


async def test_waiting_again_for_the_same_reason_is_written_down_once() -> None:
    s = stage(replace(STRANGER, desk=()))
    await s.teller.hear(raised(), "t")
    for minute in range(1, 5):
        s.clock.advance(MOMENT + timedelta(minutes=2 * minute))
        assert await s.teller.settle_due()
    assert s.ledger.decisions == ["1 defer no-relation", "1 defer nobody-reachable"]


async def test_when_both_channels_reject_the_risk_desk_hears_once() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    await s.teller.conclude(s.ledger.claim(0), Rejected("errcode-40003"))
    assert s.ledger.told() == BOTH
    await s.teller.conclude(s.ledger.claim(1), Rejected("code-isv.MOBILE_NUMBER_ILLEGAL"))
    assert s.ledger.told() == [*BOTH, "1 r001 wecom_app 2", "1 r001 aliyun_sms 2"]

    for nth in (2, 3):
        await s.teller.conclude(s.ledger.claim(nth), Rejected("errcode-40003"))
    assert len(s.ledger.told()) == 4
    assert s.ledger.decisions[-1] == "1 suppress undeliverable"


async def test_an_sms_that_may_have_arrived_twice_is_not_sent_a_third_time() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    silence = Retry("ReadTimeout", unsure=True)
    await s.teller.conclude(s.ledger.claim(1), silence)
    assert s.ledger.ends == {}
    await s.teller.conclude(s.ledger.claim(1, attempts=2, unsure=1), silence)
    assert list(s.ledger.ends.values()) == ["ambiguous"]


async def test_who_has_lost_the_lease_changes_nothing() -> None:
    s = stage()
    await s.teller.hear(raised(**MIDDLE), "t")
    late = s.ledger.claim(0)
    s.ledger.claim(0)
    await s.teller.conclude(late, Rejected("errcode-40003"))
    assert s.ledger.ends == {}
    assert s.ledger.told() == ["1 m001 wecom_app 1"]


async def test_a_sent_intent_frees_its_lane_for_the_next() -> None:
    s = stage()
    await s.teller.hear(raised(), "t")
    s.woken.clear()
    await s.teller.conclude(s.ledger.claim(0), Sent("m1"))
    assert s.woken == [True]


@pytest.mark.parametrize("times", [1, 2])
async def test_the_body_is_the_same_however_often_it_is_worded(times: int) -> None:
    bodies = set()
    for _ in range(times + 1):
        s = stage()
        await s.teller.hear(raised(), "t")
        bodies.add(tuple(i.body for i in s.ledger.intents.values()))
    assert len(bodies) == 1
