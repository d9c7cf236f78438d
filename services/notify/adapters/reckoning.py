"""对账's two sides as they lie: revisions in Kafka up to what was committed, entries in the ledger.

Alerts are raised by mot's topic, and by what profile tells of a client.

The offsets are taken first and the ledger is read after them: all below them is in it by then.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from pydantic import ValidationError
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.adapters.reader import GROUP
from services.notify.domain.from_profile import alert_of
from services.notify.domain.reconciliation import Entry, Raised, Way, Written
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.profiles import PROFILES
from shared.contracts.topics import ALERT, PROFILE
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader, Span

IGNORED = "lower-revision"
TOPICS = (ALERT, PROFILE)
TRIES, TRY_AGAIN_S = 20, 0.5
Place = tuple[str, int, int]
"""Topic, partition, offset."""


def _alert(record: Any) -> AlertEvent:
    return ALERTS.validate_json(record.value or b"")


def _fact(record: Any) -> AlertEvent | None:
    return alert_of(PROFILES.validate_json(record.value or b""), "/".join(map(str, place(record))))


RAISES: Mapping[str, Callable[[Any], AlertEvent | None]] = {ALERT.name: _alert, PROFILE.name: _fact}
"""Topic → the alert of one of its records, if it raises one; ``ValidationError``: unreadable."""


def place(record: Any) -> Place:
    """Return where a record lies."""
    return record.topic, record.partition, record.offset


async def committed(kafka: KafkaSettings) -> Mapping[tuple[str, int], int]:
    """Return topic and partition → the offset up to which notify has done with it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.brokers)
    await admin.start()
    try:
        found = await _kept(admin)
    finally:
        await admin.close()
    return {(tp.topic, tp.partition): kept.offset for tp, kept in found.items()}


async def _kept(admin: AIOKafkaAdminClient) -> Any:
    """Return the group's offsets; a cluster makes its topic of offsets when it is first asked."""
    for _ in range(TRIES):
        with contextlib.suppress(GroupCoordinatorNotAvailableError):
            return await admin.list_consumer_group_offsets(GROUP)
        await asyncio.sleep(TRY_AGAIN_S)
    return await admin.list_consumer_group_offsets(GROUP)


async def spans(
    log: LogReader,
    done: Mapping[tuple[str, int], int],
    begin: datetime | None,
    end: datetime | None,
) -> Sequence[Span]:
    """Return the offsets of [begin, end) of Kafka's time, as far as notify has done with them."""
    whole = [span for topic in TOPICS for span in await log.spans(topic)]
    first = await log.since(whole, begin) if begin else whole
    past = {s[:2]: s.begin for s in await log.since(whole, end)} if end else {}
    limits = {s[:2]: min(past.get(s[:2], s.end), s.end) for s in whole}
    return [s._replace(end=max(s.begin, min(limits[s[:2]], done.get(s[:2], 0)))) for s in first]


async def buried(log: LogReader) -> frozenset[Place]:
    """Return the place of every record that notify has put into the dead letters."""
    places = set()
    for topic in TOPICS:
        async for record in log.read(await log.spans(topic.dead_letters)):
            said = {name: value.decode() for name, value in record.headers}
            partition, offset = said["origin-partition"], said["origin-offset"]
            places.add((topic.name, int(partition), int(offset)))
    return frozenset(places)


async def raised(log: LogReader, of: Sequence[Span]) -> AsyncIterator[tuple[Any, Raised | None]]:
    """Yield each record that raises something with it; None: it cannot be read."""
    async for record in log.read(of):
        try:
            event = RAISES[record.topic](record)
        except ValidationError:
            yield record, None
            continue
        if event is None:
            continue
        yield record, Raised(event.data.alert_id, event.data.revision, event.id)


async def entries(
    connection: AsyncConnection, asked: Sequence[Raised]
) -> Mapping[tuple[UUID, int], Entry]:
    """Return what the ledger holds of some revisions, all of one moment."""
    alerts = {one.alert_id for one in asked}
    known = select(t.inbox.c.event_id).where(t.inbox.c.event_id.in_({o.event_id for o in asked}))
    read = set(await connection.scalars(known))
    r = t.revisions.c
    states = select(r.alert_id, r.revision, r.state).where(r.alert_id.in_(alerts))
    stands = {(row[0], row[1]): row[2] for row in await connection.execute(states)}
    decided, ignored = await _decisions(connection, alerts)
    written = await _intents(connection, alerts)
    return {
        (one.alert_id, one.revision): Entry(
            read=one.event_id in read,
            state=stands.get((one.alert_id, one.revision)),
            ignored=(one.alert_id, one.revision) in ignored,
            decided=frozenset(decided[one.alert_id, one.revision]),
            intents=written[one.alert_id, one.revision],
        )
        for one in asked
    }


async def _decisions(
    connection: AsyncConnection, alerts: set[UUID]
) -> tuple[dict[tuple[UUID, int], set[Way]], set[tuple[UUID, int]]]:
    d = t.decisions.c
    decided, ignored = defaultdict[tuple[UUID, int], set[Way]](set), set[tuple[UUID, int]]()
    for row in await connection.execute(select(t.decisions).where(d.alert_id.in_(alerts))):
        if row.decision == "send":
            decided[row.alert_id, row.revision].add(Way(row.step, row.channel, row.receiver))
        elif row.reason == IGNORED:
            ignored.add((row.alert_id, row.revision))
    return decided, ignored


async def _intents(
    connection: AsyncConnection, alerts: set[UUID]
) -> dict[tuple[UUID, int], list[Written]]:
    i, into, a = t.intents.c, t.intents.alias("into"), t.attempts.c
    taken = select(func.count()).where(and_(a.intent_id == into.c.intent_id, a.outcome == "sent"))
    query = (
        select(
            i.intent_id,
            i.alert_id,
            i.revision,
            i.step,
            i.channel,
            i.receiver,
            i.state,
            into.c.state.label("stands"),
            taken.scalar_subquery().label("taken"),
        )
        .join(into, into.c.intent_id == func.coalesce(i.merged_into, i.intent_id))
        .where(i.alert_id.in_(alerts))
    )
    found = defaultdict[tuple[UUID, int], list[Written]](list)
    for row in await connection.execute(query):
        way = Way(row.step, row.channel, row.receiver)
        one = Written(row.intent_id, way, row.state, row.stands, row.taken)
        found[row.alert_id, row.revision].append(one)
    return found
