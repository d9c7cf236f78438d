"""The schema ``notify``: the directory, the ledger, and the to-do list.

Two clocks. Columns named ``…_at`` of business (due, not before, first attempt) are on the Clock
port, which a demo drives; ``wall_…`` columns are PostgreSQL's own clock, one for all workers, and
decide leases and repeats. ``held_at``: since when its budget keeps an intent back;
``merged_into``: the digest that says it instead; ``sms_parts``: how many SMS it is charged as.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
    true,
)

METADATA = MetaData()
Moment = DateTime(timezone=True)
wall = func.clock_timestamp()

OPEN_STATES = ("pending", "retry", "sending")
OPEN = text("state IN ('pending', 'retry', 'sending')")
HELD = text("held_at IS NOT NULL AND state = 'pending'")
MAY_BE_SENT = text("state IN ('pending', 'retry')")
"""Narrower than OPEN: whatever the planner believes, it cannot look for a lane in that index."""
LEASED = text("wall_lease_end IS NOT NULL")
TRIED = text("first_at IS NOT NULL AND ended_at IS NULL")
GROUPED = text("reason = 'same-client' AND ended_at IS NULL")

inbox = Table(
    "inbox",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("wall_read", Moment, nullable=False, server_default=wall),
    Index("inbox_read", "wall_read", postgresql_using="brin"),
)

customers = Table(
    "customers",
    METADATA,
    Column("broker", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("sequence", Text, nullable=False),
    Column("display_name", Text, nullable=False),
)

relations = Table(
    "relations",
    METADATA,
    Column("broker", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("customer_id", Text, primary_key=True),
    Column("sequence", Text, nullable=False),
    Column("manager_id", Text),
    Column("branch_id", Text),
    Index("relations_customer", "broker", "customer_id"),
)

staff = Table(
    "staff",
    METADATA,
    Column("broker", Text, primary_key=True),
    Column("staff_id", Text, primary_key=True),
    Column("sequence", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("wecom_userid", Text),
    Column("sealed_mobile", Text),
    Column("successor_id", Text),
    Column("leader_id", Text),
    Column("branch_id", Text),
    Column("sealed_email", Text),
    Column("left_on", Date),
    Index("staff_role", "broker", "role"),
)

alerts = Table(
    "alerts",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("broker", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("standing", Boolean, nullable=False, server_default=false()),
    Column("since_at", Moment),
    Column("due_at", Moment),
    Column("reason", Text),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("rule", Text),
    Column("urgency", Text),
    Column("trading_day", Date),
    Column("open", Boolean, nullable=False, server_default=true()),
    Index("alerts_number", "number", unique=True),
    Index("alerts_account", "broker", "account", "number"),
    Index("alerts_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    Index("alerts_waiting", "broker", "account", postgresql_where=text("due_at IS NOT NULL")),
)

revisions = Table(
    "revisions",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("event", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("wall_read", Moment, nullable=False, server_default=wall),
    Index("revisions_read", "wall_read", postgresql_using="brin"),
)

decisions = Table(
    "decisions",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("alert_id", Uuid, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("channel", Text),
    Column("receiver", Text),
    Column("step", Integer),
    Column("until_at", Moment),
    Column("because_of", Text),
    Column("decided_at", Moment, nullable=False),
    Index("decisions_alert", "alert_id"),
)

intents = Table(
    "intents",
    METADATA,
    Column("intent_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("alert_id", Uuid, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("step", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("broker", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("sealed_body", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("reason", Text),
    Column("not_before_at", Moment),
    Column("held_at", Moment),
    Column("merged_into", Uuid),
    Column("wall_retry", Moment),
    Column("lease", Uuid),
    Column("wall_lease_end", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("unsure", Integer, nullable=False, server_default="0"),
    Column("first_at", Moment),
    Column("ended_at", Moment),
    Column("message_id", Text),
    Column("wall_read", Moment, nullable=False, server_default=func.now()),
    Column("response_code", Text),
    Column("sms_parts", Integer),
    UniqueConstraint("alert_id", "revision", "step", "channel", "receiver"),
    Index("intents_open", "rank", "number", postgresql_where=MAY_BE_SENT),
    Index("intents_lane", "broker", "account", "channel", "number", postgresql_where=OPEN),
    Index("intents_held", "held_at", postgresql_where=HELD),
    Index("intents_receiver", "receiver", "channel", "broker", "number", postgresql_where=OPEN),
    Index("intents_sending", "wall_lease_end", postgresql_where=LEASED),
    Index("intents_tried", "first_at", postgresql_where=TRIED),
    Index("intents_grouped", "not_before_at", postgresql_where=GROUPED),
    Index("intents_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("intents_read", "wall_read", postgresql_using="brin"),
    Index("intents_message", "channel", "message_id"),
)

attempts = Table(
    "attempts",
    METADATA,
    Column("intent_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("broker", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("wall_started", Moment, nullable=False, server_default=wall),
    Column("wall_ended", Moment),
    Column("outcome", Text),
    Column("reason", Text),
    Index("attempts_recent", "broker", "channel", "receiver", "started_at"),
    Index("attempts_since", "started_at"),
)

freezes = Table(
    "freezes",
    METADATA,
    Column("channel", Text, primary_key=True),
    Column("until_at", Moment, nullable=False),
)

todos = Table(
    "todos",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("staff_id", Text, primary_key=True),
    Column("added_at", Moment, nullable=False),
)
