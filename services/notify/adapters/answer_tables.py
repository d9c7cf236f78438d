"""The schema ``notify``, second part: answers to alerts, and the outbox. See ``tables``."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, Uuid

from services.notify.adapters.tables import METADATA, Moment

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
