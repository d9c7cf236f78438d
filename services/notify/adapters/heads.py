"""Which intents stand first in their lanes, and which attempts have lost their worker."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, text, tuple_

from services.notify.adapters import tables as t
from services.notify.domain.digest import LANE
from services.notify.domain.grouping import SAME_CLIENT

# Constants, not parameters: only so does a prepared statement keep to the partial indexes.
MAY_BE_SENT = text("intents.state IN ('pending', 'retry')")
AHEAD_IS_OPEN = text("ahead.state IN ('pending', 'retry', 'sending')")
LANE_IS_BUSY = text("ahead.state = 'sending'")
MAY_GO_ALONE = text(f"intents.reason IS DISTINCT FROM '{SAME_CLIENT}'")
"""Not what waits for others of its client: that is merged, or let go, when it has waited."""


def heads(now: datetime, limit: int, full: Collection[str] = ()) -> Select[Any]:
    """Select the first open intent of each lane that may be sent now, urgent ones first.

    In its lane the order is that of writing, but the urgent passes what is less urgent and waits
    for a time of its own (a budget, a repeat). No revision goes before an earlier one of its alert:
    the ledger ranks that one as high when the later one is written. ``full``: channels that take
    no more at the moment.
    """
    i, ahead = t.intents.c, t.intents.alias("ahead")
    frozen = select(t.freezes.c.channel).where(t.freezes.c.until_at > now)
    goes_before = tuple_(ahead.c.rank, ahead.c.number) < tuple_(i.rank, i.number)
    could_go = and_(
        _reached(ahead.c.not_before_at, now),
        or_(ahead.c.wall_retry.is_(None), ahead.c.wall_retry <= t.wall),
    )
    older = and_(ahead.c.number < i.number, or_(ahead.c.rank <= i.rank, could_go))
    someone_ahead = (
        select(ahead.c.intent_id)
        .where(
            ahead.c.broker == i.broker,
            ahead.c.account == i.account,
            ahead.c.channel == i.channel,
            AHEAD_IS_OPEN,
            or_(older, LANE_IS_BUSY),
        )
        .limit(1)
        .scalar_subquery()
    )
    behind_digest = (  # what is older stands in it
        select(ahead.c.intent_id)
        .where(
            ahead.c.broker == i.broker,
            ahead.c.account == literal(LANE) + i.receiver,
            ahead.c.channel == i.channel,
            AHEAD_IS_OPEN,
            goes_before,
        )
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(t.intents)
        .where(
            MAY_BE_SENT,
            _reached(i.not_before_at, now),
            or_(i.wall_retry.is_(None), i.wall_retry <= t.wall),
            i.channel.not_in(frozen),
            *([i.channel.not_in(sorted(full))] if full else []),
            MAY_GO_ALONE,
            someone_ahead.is_(None),  # asked row by row: an anti-join compares all with all
            behind_digest.is_(None),
        )
        .order_by(i.rank, i.number)
        .limit(limit)
        .with_for_update(of=t.intents, skip_locked=True)
    )


def lost(limit: int) -> Select[Any]:
    """Select attempts under way whose lease has run out."""
    i = t.intents.c
    return (
        select(i.intent_id)
        .where(i.wall_lease_end.is_not(None), i.wall_lease_end < t.wall)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def _reached(moment: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(moment.is_(None), moment <= now)
