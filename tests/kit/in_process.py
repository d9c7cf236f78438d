"""The whole chain without a process, a store or a network: a play in, the gateway's journal out.

Everything that decides is the services' own: ingest's handlers and readers, mot's watcher, notify's
decisions, wording and channels, the gateway's rendering. Between them are lists.
"""

import contextlib
import itertools
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from pydantic import SecretStr

from deploy.sandbox.messages import template_card
from deploy.sandbox.templates import approved
from deploy.synthetic.company import File
from deploy.synthetic.timeline import Minute
from services.ingest.adapters.excel import parse
from services.ingest.agent.posting import Posting
from services.ingest.agent.taking import Fate, Intake
from services.ingest.domain.admission import Gate
from services.ingest.domain.books import Books
from services.ingest.domain.fact import Fact
from services.ingest.domain.naming import taking_order
from services.mot.agent import Watcher
from services.mot.domain.watch import Rules
from services.mot.folding import Watching
from services.mot.partition import Fetched, Partition
from services.notify.adapters.directory import MOBILE
from services.notify.domain.channel import Channel
from services.notify.domain.channels.aliyun_sms import AliyunSms
from services.notify.domain.channels.wecom_app import WecomApp
from services.notify.domain.decide import History, settle
from services.notify.domain.decision import Defer, Settled
from services.notify.domain.ledger import intent_id
from services.notify.domain.links import Signer
from services.notify.domain.receiver import Client, Directory, Receiver
from services.notify.domain.wording import word
from services.notify.policy import read_policy
from shared.clock import DrivenClock
from shared.contracts.alerts import AlertEvent, AlertWithdrawn
from shared.contracts.customers import CUSTOMERS
from shared.contracts.event import sequence_of
from shared.contracts.staff import STAFF
from shared.contracts.topics import ACCOUNT
from shared.contracts.topics import STAFF as STAFF_TOPIC
from shared.kernel.masking import Phone
from shared.kernel.trading_day import china
from tests.kit.ingest import BLIND, BROKER, CIPHER, FakeBooks

CLOSING = ("fundchg", "cusfund")


class Record(NamedTuple):
    """One record of the log: its topic, its place, and the minute in which it was published."""

    topic: str
    offset: int
    key: bytes
    value: bytes
    at: datetime


Counter = Callable[["UnguardedBooks", list[dict[str, Any]]], Awaitable[list[dict[str, Any]]]]


class UnguardedBooks(FakeBooks):
    """ingest's books of dicts and lists, without undoing: nothing fails here.

    ``relayed`` counts the facts that were published, or were not to be.
    """

    relayed = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Books]:
        yield self.open_now()


async def published(
    minutes: Iterable[Minute], counter: Counter | None = None, closing: Collection[str] = CLOSING
) -> list[Record]:
    """Return what ingest publishes of a play, in the order of the log.

    ``counter`` takes the events that come from a counter, and returns those that are posted.
    ``closing``: the kinds of files that close a day.
    """
    books, calendar = UnguardedBooks(), china()
    posting = Posting(Gate(BROKER, calendar, ticks=True), books.open)
    log: list[Record] = []
    clock: DrivenClock | None = None
    for minute in minutes:
        clock = clock or DrivenClock(minute.at)
        clock.advance(minute.at)
        good = [p.event for p in minute.postings if p.good]
        good = await counter(books, good) if counter else good
        bad = [p.event for p in minute.postings if not p.good]
        receipt = await posting.accept([_raw(event) for event in (*good, minute.tick.event, *bad)])
        assert len(receipt.refused) == len(bad), receipt.refused
        intake = Intake(
            broker=BROKER,
            calendar=calendar,
            closing=frozenset(closing),
            sealer=CIPHER,
            clock=clock,
            open_books=books.open,
            parse=parse,
            blind=BLIND,
        )
        for dropping in minute.droppings:
            files = sorted(dropping.files(), key=lambda file: taking_order(file.name, calendar))
            for file in files:
                outcome = await intake.take(file.name, _bytes(file))
                assert outcome.fate is not Fate.REFUSED, outcome
        _relay(books, log, minute.at)
    return log


def _relay(books: UnguardedBooks, log: list[Record], at: datetime) -> None:
    """Publish what is new, each record with its place for a sequence."""
    for fact in itertools.islice(books.now.facts.values(), books.relayed, None):
        if fact.headers is None and fact.identity not in books.now.silent:
            log.append(_record(fact, len(log), at))
    books.relayed = len(books.now.facts)


def _record(fact: Fact, number: int, at: datetime) -> Record:
    event = msgspec.json.decode(fact.body)
    value = msgspec.json.encode({**event, "sequence": sequence_of(number)})
    return Record(fact.topic, number, fact.key.encode(), value, at)


def _raw(event: dict[str, Any]) -> bytes:
    return msgspec.json.encode(event)


def _bytes(file: File) -> bytes:
    return "".join(f"{line}\r\n" for line in file.lines).encode(file.encoding)


@dataclass
class _Alert:
    pending: list[AlertEvent] = field(default_factory=list)
    since: datetime | None = None
    until: datetime | None = None
    standing: bool = False
    heard: frozenset[str] = frozenset()


@dataclass
class Desk:
    """notify: what it knows of people, what waits, and what has gone out."""

    now: datetime
    staff: dict[str, Receiver] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    alerts: dict[UUID, _Alert] = field(default_factory=dict)
    heard: list[AlertEvent] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)

    def learn(self, record: Record) -> None:
        """Take over the newest state of a client or a person."""
        if record.topic == STAFF_TOPIC.name:
            person = STAFF.validate_json(record.value).data
            mobile = person.sealed_mobile and Phone(CIPHER.open(person.sealed_mobile, MOBILE))
            self.staff[person.staff_id] = Receiver(
                person.staff_id,
                person.role,
                person.wecom_userid,
                mobile or None,
                person.successor_id,
            )
        else:
            customer = CUSTOMERS.validate_json(record.value).data
            for relation in customer.relations:
                client = Client(customer.display_name, relation.manager_id)
                self.clients[f"{customer.broker}:{relation.account}"] = client

    def tick(self, at: datetime) -> None:
        """Let a minute pass, and settle what was to wait until then."""
        self.now = at
        for alert in self.alerts.values():
            if alert.until is not None and alert.until <= at:
                self._settle(alert)

    def hear(self, event: AlertEvent) -> None:
        """Take one alert event."""
        self.heard.append(event)
        alert = self.alerts.setdefault(event.data.alert_id, _Alert())
        alert.pending.append(event)
        self._settle(alert)

    def _settle(self, alert: _Alert) -> None:
        data = alert.pending[0].data
        client = self.clients.get(f"{data.broker}:{data.account}")
        risk = tuple(p for p in self.staff.values() if p.role == _POLICY.desk_role)
        directory = Directory(client, self.staff, risk)
        history = History(directory, alert.since, alert.standing, alert.heard)
        decided = settle(alert.pending, _POLICY, history, self.now)
        for one in decided:
            self._send(one, client)
            if one.sends:
                alert.standing = not isinstance(one.event, AlertWithdrawn)
                alert.heard |= {send.receiver.staff_id for send in one.sends}
        waits: list[Defer] = [one.deferred for one in decided if one.deferred is not None]
        alert.pending = [one.event for one in decided if one.deferred is not None]
        alert.until = waits[0].until if waits else None
        alert.since = (alert.since or self.now) if waits else None

    def _send(self, settled: Settled, client: Client | None) -> None:
        for send in settled.sends:
            links = _SIGNER.links(str(settled.event.data.alert_id), send.receiver.staff_id)
            which = intent_id(settled.event, send)
            said = word(settled.event, client, send.receiver, links, which)
            said = _POLICY.wording.worded(said, settled.event.type, send.channel)
            self.journal.append(_shown(send.channel, _CHANNELS[send.channel].body(said)))
            self.journal[-1] |= {"n": len(self.journal), "wall": 0.0, "outcome": "delivered"}


def _shown(channel: str, body: str) -> dict[str, Any]:
    """Return what a phone shows of a request, as the gateway renders it."""
    if channel == "wecom_app":
        request = msgspec.json.decode(body)
        content = template_card.read(request)
        shown = {"channel": "wecom", "to": request["touser"]}
        return {**shown, "title": content.title, "text": content.text}
    form = {name: values[0] for name, values in parse_qs(body).items()}
    values = msgspec.json.decode(form["TemplateParam"], type=dict[str, str])
    text = approved()[form["TemplateCode"]].render(form["SignName"], values)
    shown = {"channel": "sms", "to": form["PhoneNumbers"]}
    return {**shown, "title": values["title"], "text": text}


_POLICY = read_policy()
_SIGNER = Signer("https://console.example", SecretStr("link-key"))
_CHANNELS: Mapping[str, Channel] = {
    "wecom_app": WecomApp(corp_id="corp", agent_id=1, secret=SecretStr("secret")),
    "aliyun_sms": AliyunSms(
        access_key_id="id", access_key_secret=SecretStr("secret"), sign_name="观潮"
    ),
}


async def journal(log: Iterable[Record], rules: Rules) -> list[dict[str, Any]]:
    """Return what people receive when mot and notify read the log under these rules."""
    return (await worked(log, rules)).journal


async def worked(log: Iterable[Record], rules: Rules) -> Desk:
    """Return the desk at the end: the alerts that mot raised of the log, and who was told."""
    raised: list[AlertEvent] = []

    async def publish(
        partition: int, alerts: Sequence[AlertEvent], letters: Sequence[object]
    ) -> None:
        raised.extend(alerts)
        assert not letters

    async def remember(*_: object) -> None:
        return None

    watcher = Watcher(Watching(rules), publish, remember)
    mine = Partition(number=0, offset=-1, clock="", accounts={})
    records = iter(log)
    first = next(records)
    desk = Desk(first.at)
    for record in itertools.chain((first,), records):
        if record.topic != ACCOUNT.name:
            desk.learn(record)
            mine.offset = record.offset
            continue
        batch = await watcher.apply(mine, Fetched(0, record.offset, record.offset, [record]))
        assert not batch.failures, batch.failures
        for alert in _taken(raised):
            desk.hear(alert)
        if record.key == b"clock" and b"clock.ticked" in record.value:
            desk.tick(msgspec.json.decode(record.value, type=_Tick).data.at)
    return desk


class _At(msgspec.Struct):
    at: datetime


class _Tick(msgspec.Struct):
    data: _At


def _taken(alerts: list[AlertEvent]) -> Iterator[AlertEvent]:
    while alerts:
        yield alerts.pop(0)
