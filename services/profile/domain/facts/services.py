"""服务记录 — what the client's alerts were, who was told, whether it arrived, who answered how."""

from collections.abc import Iterator

from services.profile.domain.fact import ACCOUNT, DAY, Facts, Place
from services.profile.domain.table import Row, Table
from shared.contracts.alerts import FEED, AlertEvent
from shared.contracts.deliveries import DeliveryEnded, DeliveryReceipted
from shared.contracts.replies import ReplyGiven

ALERT = ("broker text", "account text", "alert_id uuid", "revision integer")

ALERTS = Table(
    "alerts",
    ("alert_id uuid",),
    (
        *ACCOUNT,
        DAY,
        "state text",
        "rule text",
        "message_type text",
        "module text",
        "urgency text",
        "summary text",
        "facts jsonb",
        "action text",
        "happened_at timestamptz",
        "provisional boolean",
    ),
    order=("revision integer",),
)
TELLINGS = Table(
    "tellings",
    ("intent_id uuid",),
    (
        *ALERT,
        "step integer",
        "channel text",
        "receiver text",
        "outcome text",
        "reason text",
        "attempts integer",
    ),
    order=("at timestamptz",),
)
RECEIPTS = Table(
    "receipts",
    ("intent_id uuid",),
    (*ALERT, "arrived boolean", "reason text"),
    order=("at timestamptz", "arrived boolean"),
)
REPLIES = Table(
    "replies",
    ("reply_id uuid",),
    (
        *ALERT,
        "rule text",
        "kind text",
        "by_staff text",
        "via text",
        "until timestamptz",
        "to_staff text",
    ),
    order=("at timestamptz",),
)
_SAID = {
    "alert_id",
    "broker",
    "account",
    "trading_day",
    "revision",
    "rule",
    "message_type",
    "summary",
    "facts",
    "action",
    "happened_at",
    "provisional",
}
_STEP = {"step", "channel", "receiver", "end"}


def alerted(event: AlertEvent, place: Place) -> Iterator[Row]:
    """Take an alert's newest revision; one of the data sources is no client's."""
    told = event.data
    if told.account == FEED:
        return
    yield ALERTS.row(
        **told.model_dump(include=_SAID),
        state=event.type.removeprefix("alert."),
        module=told.module.value,
        urgency=told.urgency.value,
    )


def ended(event: DeliveryEnded, place: Place) -> Iterator[Row]:
    """Take what became of a message."""
    told = event.data.model_dump(exclude={"end", "message_id"})
    yield TELLINGS.row(**told, outcome=event.data.end)


def receipted(event: DeliveryReceipted, place: Place) -> Iterator[Row]:
    """Take what the operator reported of it."""
    yield RECEIPTS.row(**event.data.model_dump(exclude=_STEP))


def answered(event: ReplyGiven, place: Place) -> Iterator[Row]:
    """Take an answer."""
    told = event.data.model_dump(exclude={"by", "to", "kind"})
    named = {"kind": event.data.kind.value, "by_staff": event.data.by, "to_staff": event.data.to}
    yield REPLIES.row(**told, **named)


_ALERTED = ("raised", "updated", "confirmed", "amended", "withdrawn")
FACTS = Facts(
    (ALERTS, TELLINGS, RECEIPTS, REPLIES),
    {
        **{f"alert.{step}": alerted for step in _ALERTED},
        "delivery.ended": ended,
        "delivery.receipted": receipted,
        "reply.given": answered,
    },
)
