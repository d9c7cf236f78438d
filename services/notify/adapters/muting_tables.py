"""The schema ``notify``, third part: silences, and what each account was told last, by rule."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, Table, Text

from services.notify.adapters.tables import METADATA, Moment

silences = Table(
    "silences",
    METADATA,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("broker", Text, nullable=False),
    Column("account", Text),
    Column("rule", Text),
    Column("manager", Text),
    Column("begin_at", Moment, nullable=False),
    Column("until_at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("ended_by", Text),
    Index("silences_until", "broker", "until_at"),
)

tellings = Table(
    "tellings",
    METADATA,
    Column("broker", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("urgency", Text, nullable=False),
    Column("trading_day", Date, nullable=False),
    Column("told_at", Moment, nullable=False),
)
