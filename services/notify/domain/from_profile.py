"""客户资料的事实 — what profile tells of a client becomes an alert like all others.

Of what concerns no client, such as a report that is ready, nobody is alerted.

The catalogue says which message a fact makes. The alert's identity follows from the fact's own: a
fact that is read again is told once.
"""

from functools import cache

from shared.contracts.alerts import Alert, AlertRaised, Passport
from shared.contracts.messages import MessageType, messages
from shared.contracts.profiles import PermissionBecameEligible, ProfileEvent
from shared.contracts.topics import PROFILE
from shared.kernel.ids import alert_id, revision_id
from shared.kernel.trading_day import TradingDay

SOURCE = "notify"
RULE = "permission_eligible"
ACTION = "请告知客户并协助办理开通。"


def alert_of(event: ProfileEvent, origin: str) -> AlertRaised | None:
    """Return the alert of a fact, if one comes of it.

    ``origin``: ``topic/partition/offset`` of its record.
    """
    match event:
        case PermissionBecameEligible():
            return _eligible(event, origin)
        case _:
            return None


def _eligible(event: PermissionBecameEligible, origin: str) -> AlertRaised:
    told, message = event.data, _message(event.type)
    key = f"{told.broker}:{told.account}"
    which = alert_id(RULE, key, event.id)
    many = f"{len(told.names)}个"
    _, partition, offset = origin.rsplit("/", 2)
    alert = Alert(
        broker=told.broker,
        account=told.account,
        trading_day=TradingDay(told.trading_day),
        source=SOURCE,
        alert_id=which,
        revision=1,
        rule=RULE,
        rule_version=1,
        message_type=message.name,
        module=message.module,
        urgency=message.urgency,
        episode=event.id,
        happened_at=event.time,
        summary=f"已满足{many}特殊品种的开通条件",
        facts=dict(zip(message.fields, (many, "、".join(told.names)), strict=True)),
        action=ACTION,
        provisional=False,
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
