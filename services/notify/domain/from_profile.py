"""profile 的事实 — what profile tells of a client, or gives a person to do, becomes an alert.

Of what concerns nobody in particular, such as a report that is ready, nobody is alerted.

The catalogue says which message a fact makes. The alert's identity follows from the fact's own: a
fact that is read again is told once.
"""

from functools import cache
from typing import NamedTuple

from shared.contracts.alerts import FEED, Alert, AlertRaised, Passport
from shared.contracts.messages import MessageType, messages
from shared.contracts.profiles import PermissionBecameEligible, ProfileEvent, VisitAssigned
from shared.contracts.topics import PROFILE
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.trading_day import CHINA, TradingDay

SOURCE = "notify"


class Said(NamedTuple):
    """What one fact comes to; ``facts`` in the order of its message's fields."""

    rule: str
    account: str
    day: TradingDay
    summary: str
    facts: tuple[str, ...]
    action: str
    receiver: str | None = None


def alert_of(event: ProfileEvent, origin: str) -> AlertRaised | None:
    """Return the alert of a fact, if one comes of it.

    ``origin``: ``topic/partition/offset`` of its record.
    """
    match event:
        case PermissionBecameEligible():
            return _alert(event, _eligible(event), origin)
        case VisitAssigned():
            return _alert(event, _given(event), origin)
        case _:
            return None


def _eligible(event: PermissionBecameEligible) -> Said:
    told = event.data
    many = f"{len(told.names)}个"
    return Said(
        rule="permission_eligible",
        account=told.account,
        day=TradingDay(told.trading_day),
        summary=f"已满足{many}特殊品种的开通条件",
        facts=(many, "、".join(told.names)),
        action="请告知客户并协助办理开通。",
    )


def _given(event: VisitAssigned) -> Said:
    told = event.data
    return Said(
        rule="visit_assigned",
        account=FEED,
        day=TradingDay(event.time.astimezone(CHINA).date()),  # nothing is counted by it
        summary=f"给您{told.visits}个回访，{told.due_on}前完成",
        facts=(f"{told.visits}个", f"{told.due_on}", told.batch or "人工指派"),
        action="请在截止日前完成回访并记录结果。",
        receiver=told.staff_id,
    )


def _alert(event: PermissionBecameEligible | VisitAssigned, said: Said, origin: str) -> AlertRaised:
    message, key = _message(event.type), f"{event.data.broker}:{said.account}"
    which = alert_id(said.rule, key, event.id)
    _, partition, offset = origin.rsplit("/", 2)
    alert = Alert(
        broker=event.data.broker,
        account=said.account,
        trading_day=said.day,
        source=SOURCE,
        alert_id=which,
        revision=1,
        rule=said.rule,
        rule_version=1,
        message_type=message.name,
        module=message.module,
        urgency=message.urgency,
        episode=event.id,
        happened_at=event.time,
        summary=said.summary,
        facts=dict(zip(message.fields, said.facts, strict=True)),
        action=said.action,
        provisional=False,
        receiver=said.receiver,
        passport=Passport(
            rule_version=1,
            thresholds={},
            calendar="",
            topic=PROFILE.name,
            partition=int(partition),
            offset=int(offset),
            event_id=event.id,
            before="{}",
        ),
    )
    return AlertRaised(
        id=str(revision_id(which, "alert.raised", 1)),
        source=SOURCE,
        subject=key,
        time=event.time,
        data=alert,
    )


@cache
def _message(type_: str) -> MessageType:
    fact = (PROFILE.owner, PROFILE.name, type_)
    (found,) = (one for one in messages() if one.fact[:3] == fact)
    return found
