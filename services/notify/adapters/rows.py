"""Decisions, intents and verdicts as rows of the ledger."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, case

from services.notify.adapters import tables as t
from services.notify.domain.decision import Decision, Defer, Send, Settled, Suppress
from services.notify.domain.grouping import SAME_CLIENT
from services.notify.domain.ledger import Claimed, Held, Intent
from services.notify.domain.retry import Again, Ended, Verdict
from shared.contracts.alerts import Urgency

LET_GO = {
    name: case((t.intents.c.reason == SAME_CLIENT, None), else_=t.intents.c[name])
    for name in ("not_before_at", "reason")
}
"""What waits for others of its client waits no more."""
RANK = {Urgency.HIGH: 0, Urgency.MIDDLE: 1, Urgency.LOW: 2}
WAITING, UNDELIVERABLE = "waiting", "undeliverable"
Values = dict[str, Any]


def held(row: Row[Any]) -> Held:
    """Read an alert's row."""
    return Held(row.revision, row.standing, row.since_at, row.due_at is not None, row.reason)


def decided(decision: Decision) -> Values:
    """Return a decision's row, without whose it is."""
    empty: Values = dict.fromkeys(("channel", "receiver", "step", "until_at", "because_of"))
    match decision:
        case Send(receiver, channel, reason, step, until):
            to = {"channel": channel, "receiver": receiver.staff_id, "step": step}
            waits = {"until_at": until, "because_of": SAME_CLIENT} if until else {}
            return empty | {"decision": "send", "reason": reason} | to | waits
        case Suppress(reason, someone, way, by):
            whom = someone.staff_id if someone else None
            to = {"channel": way, "receiver": whom, "because_of": by}
            return empty | {"decision": "suppress", "reason": reason} | to
        case Defer(until, reason):
            return empty | {"decision": "defer", "reason": reason, "until_at": until}


def state(settled: Settled) -> str:
    """Return where a revision stands."""
    if settled.deferred is not None:
        return WAITING
    if settled.sends:
        return "told"
    reasons = {decision.reason for decision in settled.decisions}
    return UNDELIVERABLE if UNDELIVERABLE in reasons else "suppressed"


def known(row: Row[Any]) -> Claimed:
    """Return an intent that nobody is sending: without its body, under no real lease."""
    return Claimed(
        intent_id=row.intent_id,
        alert_id=row.alert_id,
        revision=row.revision,
        step=row.step,
        broker=row.broker,
        account=row.account,
        channel=row.channel,
        receiver=row.receiver,
        urgency=Urgency(row.urgency),
        body="",
        attempts=row.attempts,
        unsure=row.unsure,
        first_at=row.first_at,
        lease=uuid4(),
    )


def member(row: Row[Any], digest: Claimed) -> Claimed:
    """Return a merged intent as if it had been tried itself."""
    which = {"intent_id": row.intent_id, "alert_id": row.alert_id, "revision": row.revision}
    where = {"step": row.step, "account": row.account, "urgency": Urgency(row.urgency)}
    return replace(digest, **which, **where, body="")


def intended(intent: Intent, sealed_body: str) -> Values:
    """Return an intent's row."""
    alert, send = intent.event.data, intent.send
    return {
        "intent_id": intent.intent_id,
        "alert_id": alert.alert_id,
        "revision": alert.revision,
        "step": send.step,
        "channel": send.channel,
        "receiver": send.receiver.staff_id,
        "broker": alert.broker,
        "account": alert.account,
        "rank": RANK[alert.urgency],
        "urgency": alert.urgency.value,
        "sealed_body": sealed_body,
        "sms_parts": intent.sms_parts,
        "not_before_at": send.until,
        "reason": SAME_CLIENT if send.until else None,
    }


def concluded(verdict: Verdict, now: datetime) -> Values:
    """Return what a verdict changes in its intent; the lease is over in any case."""
    free: Values = {"lease": None, "wall_lease_end": None, "reason": verdict.reason}
    match verdict:
        case Ended(end, _, message_id, response_code):
            numbers = {"message_id": message_id, "response_code": response_code or None}
            return free | numbers | {"state": end.value, "ended_at": now}
        case Again(delay, _, unsure, freeze):
            frozen: Values = {"wall_retry": None, "not_before_at": now + (freeze or timedelta())}
            soon: Values = {"wall_retry": t.wall + delay, "not_before_at": None}
            later = frozen if freeze else soon
            return free | later | {"state": "retry", "unsure": t.intents.c.unsure + int(unsure)}
