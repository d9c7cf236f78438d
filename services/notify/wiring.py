"""Wiring: which parts notify has, and how they know each other. ``app`` runs what it returns."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify import callback_api, digest_page, receipt_api
from services.notify.adapters.budgets import Budgets, connect
from services.notify.adapters.chores import Chore
from services.notify.adapters.digests import Digests
from services.notify.adapters.directory import People
from services.notify.adapters.dispatcher import Dispatcher
from services.notify.adapters.keeping import Keeping
from services.notify.adapters.ledger import PostgresLedger
from services.notify.adapters.queue import Queue
from services.notify.adapters.reader import Subject
from services.notify.adapters.records import Records
from services.notify.adapters.replays import Replays
from services.notify.adapters.rounds import Bell, Loop
from services.notify.adapters.taps import keep, whose
from services.notify.adapters.together import Together
from services.notify.adapters.token import Token
from services.notify.adapters.transport import transport
from services.notify.agent import Teller
from services.notify.answering import Answering, Given
from services.notify.clicking import Clicking
from services.notify.climbing import Climbing
from services.notify.counter import counter
from services.notify.desk import Desk
from services.notify.domain.canary import notices
from services.notify.domain.channel import Channel
from services.notify.domain.climb import Escalation
from services.notify.domain.duty import trading
from services.notify.domain.links import Signer
from services.notify.domain.policy import Policy
from services.notify.domain.wecom_callback import Envelope
from services.notify.guarding import Guard
from services.notify.hastening import Hastening
from services.notify.merging import Merger
from services.notify.receiving import receive
from services.notify.reconciling import Books, measure
from services.notify.reminding import Reminding
from services.notify.settings import Settings
from services.notify.subjects import subjects
from shared.calendars import calendar_at
from shared.clock import Clock, WallClock
from shared.streams.outbox import Relay

POLL, MERGE, RECOVER, PUBLISH, CLIMB, CHORES = 0.2, 1.0, 1.0, 0.5, 1.0, 5.0
HOUR, GUARD, LATE = 3600.0, 15.0, 2.0
RELAY = 0x72656C79  # of the outbox: one relay at a time
Take = Callable[[Given], Awaitable[str]]
Pages = Callable[[Records, Signer, Answering], APIRouter]


@dataclass(frozen=True)
class Told:
    """What ``__main__`` hands over: settings, policy, and the pages over the ledger."""

    settings: Settings
    policy: Policy
    pages: Pages


@dataclass(frozen=True)
class Bells:
    """``decide``: an alert may be due. ``send``: an intent may go. ``climb``: a step may be due.

    ``late``: a channel may have been down for too long.
    """

    decide: Bell = field(default_factory=Bell)
    send: Bell = field(default_factory=Bell)
    climb: Bell = field(default_factory=Bell)
    late: Bell = field(default_factory=Bell)

    def by_the_clock(self) -> None:
        """Ring for what may be due when the time has moved."""
        self.decide.ring()
        self.climb.ring()
        self.late.ring()


@dataclass(frozen=True)
class Parts:
    """What runs: the topics read, the loops beside reading and sending, the pages."""

    subjects: Mapping[str, Subject]
    loops: tuple[Loop, ...]
    routers: tuple[APIRouter, ...]
    dispatcher: Dispatcher
    bells: Bells
    desk: Desk | None


def wire(
    told: Told, database: AsyncEngine, records: Records, clock: Clock, stack: AsyncExitStack
) -> Parts:
    """Make the parts; what must be closed is entered into ``stack``."""
    settings, cipher, channels = told.settings, told.settings.cipher, told.settings.channels
    canary, calendar = settings.canary, calendar_at(settings.calendar)
    own = {"configured": frozenset(channels), "notices": notices(canary, told.policy)}
    policy = told.policy.model_copy(update=own)
    bells = Bells()
    sending, proxy = settings.sending, settings.sending.proxy
    sender = transport(
        frozenset(host for channel in channels.values() for host in channel.hosts()),
        sending.timeout_seconds,
        sending.slots,
        proxy.get_secret_value() if proxy else None,
    )
    stack.push_async_callback(sender.client.aclose)
    always = frozenset({canary.staff} if canary else ())
    people = People(cipher, policy.desk_role, settings.robots.by_role, always)
    signer = Signer(settings.links_base, settings.link_key)
    ledger = PostgresLedger(database, people, cipher)
    escalation = Escalation(policy, calendar, settings.escalates)
    teller = Teller(ledger, policy, channels, signer, clock, bells.send.ring, escalation)
    digests = Digests(database, people, cipher)
    merger = Merger(digests, policy, channels, signer, clock, bells.send.ring)
    valkey = connect(settings.valkey)
    stack.push_async_callback(valkey.aclose)
    budgets = Budgets(valkey, policy.budgets)
    lease = timedelta(seconds=sending.lease_seconds)
    dispatcher = Dispatcher(
        queue=Queue(database, clock, cipher, budgets, lease),
        channels=channels,
        tokens={"wecom_app": Token(settings.wecom, sender.send)},
        sender=sender,
        conclude=Together(teller.conclude_all),
        give_back=budgets.give_back,
        clock=clock,
        wall=WallClock(),
        lease=sending.lease_seconds,
        slots=sending.slots,
    )
    relay = Relay(database, settings.kafka, RELAY)
    stack.push_async_callback(relay.stop)
    answering = Answering(ledger, teller, clock)
    climbing = Climbing(ledger, teller, escalation, clock)
    hastening = Hastening(database, teller)
    replays = Replays(valkey)
    reminding = Reminding(ledger, teller, clock)
    books = Books(settings.kafka, database.connect, gently=True)
    reconciled = Chore("reconcile", HOUR, lambda: measure(books, WallClock()))
    stack.push_async_callback(reconciled.stop)
    clicking = Clicking(partial(whose, database), answering, clock)
    kept = Chore("keep", HOUR, Keeping(database, settings.retention_years, WallClock()).prune)
    stack.push_async_callback(kept.stop)
    reporting = settings.reporting
    guard = Chore(
        "guard", GUARD, Guard(database, teller, trading(calendar), canary, reporting).look
    )
    stack.push_async_callback(guard.stop)
    console = counter(settings, answering, stack)
    return Parts(
        subjects=subjects(database, teller, clicking, bells.decide.ring),
        loops=(
            Loop("decide", teller.settle_due, bells.decide, POLL),
            Loop("merge", merger.merge_due, Bell(), MERGE),
            Loop("recover", dispatcher.recover, Bell(), RECOVER),
            Loop("late", hastening.step, bells.late, LATE),
            Loop("climb", climbing.step, bells.climb, CLIMB),
            Loop("remind", reminding.step, bells.climb, CLIMB),
            Loop("relay", relay.step, Bell(), PUBLISH),
            Loop("reconcile", reconciled.step, Bell(), CHORES),
            Loop("keep", kept.step, Bell(), CHORES),
            *console.loops,
            Loop("guard", guard.step, Bell(), CHORES),
        ),
        routers=(
            told.pages(records, signer, answering),
            digest_page.router(digests, signer),
            *_callbacks(settings, database, replays),
            *_receipts(settings, channels, partial(receive, ledger, teller), replays),
        ),
        dispatcher=dispatcher,
        bells=bells,
        desk=console.desk,
    )


def _receipts(
    settings: Settings, channels: Mapping[str, Channel], take: receipt_api.Take, replays: Replays
) -> tuple[APIRouter, ...]:
    """Return where providers report; nothing, unless there is a key for the address."""
    if settings.receipt_key is None:
        return ()
    return (receipt_api.router(channels, settings.receipt_key, take, replays),)


def _callbacks(
    settings: Settings, database: AsyncEngine, replays: Replays
) -> tuple[APIRouter, ...]:
    """Return what 企业微信 calls; nothing, unless it is told the keys."""
    if settings.callback is None:
        return ()
    envelope = Envelope(settings.callback, settings.wecom.corp_id)
    return (callback_api.router(envelope, partial(keep, database), replays, WallClock()),)
