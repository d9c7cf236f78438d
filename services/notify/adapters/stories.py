"""原委 out of the ledger: by an alert's id or its messages' code, or by a client's accounts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import receipts
from services.notify.adapters.answers import answers_to
from services.notify.domain.story import Delivery, Heard, Reported, Ruling, Story, Try
from shared.contracts.alerts import ALERTS


async def matching(connection: AsyncConnection, beginning: str) -> Sequence[UUID]:
    """Return the alerts whose id begins so (hexadecimal digits, no hyphens), at most 20."""
    digits = func.replace(cast(t.alerts.c.alert_id, String), "-", "")
    query = select(t.alerts.c.alert_id).where(digits.startswith(beginning, autoescape=True))
    return (await connection.scalars(query.order_by(t.alerts.c.alert_id).limit(20))).all()


async def clients_accounts(connection: AsyncConnection, broker: str, account: str) -> Sequence[str]:
    """Return all accounts of whoever has this one, as the directory says; itself at least."""
    own, other = t.relations.alias("own"), t.relations
    same = (other.c.broker == own.c.broker) & (other.c.customer_id == own.c.customer_id)
    query = (
        select(other.c.account)
        .join(own, same)
        .where(own.c.broker == broker, own.c.account == account)
    )
    return sorted({account, *await connection.scalars(query)})


async def of_accounts(
    connection: AsyncConnection, key: tuple[str, Sequence[str]], begin: datetime, end: datetime
) -> Sequence[UUID]:
    """Return the alerts of (broker, accounts) read in [begin, end) of wall time, oldest first."""
    r, first = t.revisions.c, func.min(t.revisions.c.wall_read)
    query = (
        select(r.alert_id)
        .join(t.alerts, t.alerts.c.alert_id == r.alert_id)
        .where(t.alerts.c.broker == key[0], t.alerts.c.account.in_(key[1]))
        .where(r.wall_read >= begin, r.wall_read < end)
        .group_by(r.alert_id)
        .order_by(first, r.alert_id)
    )
    return (await connection.scalars(query)).all()


async def story(connection: AsyncConnection, alert_id: UUID) -> Story:
    """Return all that is known of an alert that exists."""
    query = select(t.alerts).where(t.alerts.c.alert_id == alert_id)
    alert = (await connection.execute(query)).one()
    return Story(
        alert_id,
        alert.broker,
        alert.account,
        await _heard(connection, alert_id),
        await _rulings(connection, alert_id),
        await _deliveries(connection, alert_id),
        await _receipts(connection, alert_id),
        await answers_to(connection, alert_id),
    )


async def _heard(connection: AsyncConnection, alert_id: UUID) -> Sequence[Heard]:
    r = t.revisions.c
    query = select(t.revisions).where(r.alert_id == alert_id).order_by(r.revision)
    return [
        Heard(ALERTS.validate_json(row.event), row.state, row.wall_read)
        for row in await connection.execute(query)
    ]


async def _rulings(connection: AsyncConnection, alert_id: UUID) -> Sequence[Ruling]:
    d = t.decisions.c
    query = select(t.decisions).where(d.alert_id == alert_id).order_by(d.number)
    return [
        Ruling(
            row.revision,
            row.decision,
            row.reason,
            row.decided_at,
            row.channel,
            row.receiver,
            row.step,
            row.until_at,
            row.because_of,
        )
        for row in await connection.execute(query)
    ]


async def _deliveries(connection: AsyncConnection, alert_id: UUID) -> Sequence[Delivery]:
    i, into = t.intents.c, t.intents.alias("into")
    sent = (into.c.state, into.c.reason, into.c.ended_at, into.c.message_id)
    content = (into.c.sealed_body, into.c.sms_parts)
    query = (  # what was merged stands as its digest does
        select(
            i.intent_id, i.revision, i.step, i.channel, i.receiver, i.merged_into, *sent, *content
        )
        .join(into, into.c.intent_id == func.coalesce(i.merged_into, i.intent_id))
        .where(i.alert_id == alert_id)
        .order_by(i.number)
    )
    rows = (await connection.execute(query)).all()
    tries = await _tries(connection, {row.merged_into or row.intent_id for row in rows})
    return [
        Delivery(
            row.intent_id,
            row.revision,
            row.step,
            row.channel,
            row.receiver,
            row.state,
            row.reason,
            row.ended_at,
            row.message_id,
            row.merged_into,
            tries[row.merged_into or row.intent_id],
            row.sealed_body,
            row.sms_parts,
        )
        for row in rows
    ]


async def _receipts(connection: AsyncConnection, alert_id: UUID) -> Sequence[Reported]:
    i, r = t.intents.c, receipts.c
    query = (  # a digest's receipt is that of all it merged
        select(i.revision, i.channel, i.receiver, r.arrived, r.reason, r.reported_at)
        .join(receipts, r.intent_id == func.coalesce(i.merged_into, i.intent_id))
        .where(i.alert_id == alert_id)
        .order_by(r.reported_at, i.number)
    )
    return [Reported(*row) for row in await connection.execute(query)]


async def _tries(connection: AsyncConnection, intents: set[UUID]) -> dict[UUID, list[Try]]:
    a, found = t.attempts.c, defaultdict[UUID, list[Try]](list)
    query = select(t.attempts).where(a.intent_id.in_(intents)).order_by(a.intent_id, a.number)
    for row in await connection.execute(query):
        one = Try(row.number, row.wall_started, row.wall_ended, row.outcome, row.reason)
        found[row.intent_id].append(one)
    return found
