"""The schema ``notify``, second part: answers and what follows, receipts. See ``tables``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.notify.adapters.tables import METADATA, Moment, wall

acknowledgements = Table(
    "acknowledgements",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("answer_id", Uuid, nullable=False, unique=True),
    Column("alert_id", Uuid, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("until_at", Moment),
    Column("reason", Text),
    Column("heir", Text),
    Column("via", Text, nullable=False),
    Column("answered_at", Moment, nullable=False),
    Index("acknowledgements_alert", "alert_id"),
)

outbox = Table(
    "outbox",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("event", Text, nullable=False),
)

climbs = Table(
    "climbs",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("since_at", Moment, nullable=False),
    Column("carried_seconds", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("due_at", Moment),
    Column("ended", Text),
    Index("climbs_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)

reminders = Table(
    "reminders",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("staff_id", Text, nullable=False),
    Column("until_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("reminders_due", "due_at"),
)

receipts = Table(
    "receipts",
    METADATA,
    Column("intent_id", Uuid, primary_key=True),
    Column("arrived", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reported_at", Moment, nullable=False),
)

hearers = Table(
    "hearers",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("staff_id", Text, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("wall_heard", Moment, nullable=False, server_default=wall),
    Column("changed", BigInteger),
    Index("hearers_inbox", "staff_id", "number"),
    Index("hearers_changed", "changed"),
)
