"""The topic table: the launcher, the services and the docs all read this one.

Auto-creation is off. The partition count of a keyed topic never changes: a ``.v2`` does.
"""

from dataclasses import dataclass

PARTITIONS = 12


@dataclass(frozen=True)
class Topic:
    """One topic: who owns it, what its key is, how long it is kept (days; None: for ever).

    ``letters``: what cannot be read is buried in a topic beside it. What only its writer reads
    has none.
    """

    name: str
    owner: str
    key: str
    types: tuple[str, ...]
    retention_days: int | None = 30
    compacted: bool = False
    partitions: int = PARTITIONS
    letters: bool = True

    @property
    def dead_letters(self) -> "Topic":
        """Return the topic that keeps what could not be read, as it came, reasons in headers."""
        return Topic(f"{self.name}.dlq", self.owner, "as the source", (), None)


ACCOUNT = Topic(
    "futures.account.v1",
    "ingest",
    "broker:account",
    (
        "funds.deposited",
        "funds.withdrawn",
        "funds.reversed",
        "account.snapshotted",
        "account.settled",
        "order.force-closed",
        "account.baselined",
        "agreement.recorded",
        "trade.executed",
        "trade.settled",
        "position.snapshotted",
        "positions.settled",
        "order.closed-out",
        "position.delivered",
        "fee.charged",
        "account.opened",
        "bank.signed",
        "trading-code.granted",
        "clock.ticked",
        "day.closed",
    ),
)
CUSTOMER = Topic(
    "futures.customer.v1", "ingest", "customer id", ("customer.changed",), None, compacted=True
)
STAFF = Topic("org.staff.v1", "ingest", "staff id", ("staff.changed",), None, compacted=True)
ALERT = Topic(
    "mot.alert.v1",
    "mot",
    "broker:account",
    ("alert.raised", "alert.updated", "alert.confirmed", "alert.amended", "alert.withdrawn"),
    retention_days=400,
)

RULE = Topic(
    "mot.rule.v1", "mot", "rule:version", ("rule.published",), None, partitions=1, letters=False
)
STATE = Topic(
    "mot.state.v1",
    "mot",
    "broker:account",
    ("account.remembered", "day.remembered", "rules.applied"),
    retention_days=400,
    letters=False,
)

DELIVERY = Topic(
    "notify.delivery.v1",
    "notify",
    "broker:account",
    ("delivery.ended", "delivery.receipted"),
    retention_days=400,
)
REPLY = Topic(
    "notify.reply.v1",
    "notify",
    "broker:account",
    ("reply.given",),
    retention_days=400,
)

CALLBACK = Topic("notify.callback.v1", "notify", "intent id", ("card.clicked",))

PROFILE = Topic(
    "profile.customer.v1",
    "profile",
    "customer id; of a report the unit, of visits the person",
    ("permission.became-eligible", "report.ready", "visit.assigned"),
    retention_days=400,
)

PUBLIC = (ACCOUNT, CUSTOMER, STAFF, ALERT, RULE, STATE, DELIVERY, REPLY, CALLBACK, PROFILE)
TOPICS = (*PUBLIC, *(topic.dead_letters for topic in PUBLIC if topic.letters))
