"""Answers to alerts, and the outbox of notify's own events.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("answer_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("staff_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("until_at", MOMENT),
        sa.Column("reason", sa.Text),
        sa.Column("heir", sa.Text),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
    )
    op.create_index("acknowledgements_alert", "acknowledgements", ["alert_id"])
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )
