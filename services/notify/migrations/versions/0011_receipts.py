"""Receipts, and finding a message by the gateway's number.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "receipts",
        sa.Column("intent_id", sa.Uuid, primary_key=True),
        sa.Column("arrived", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
    )
    op.create_index("intents_message", "intents", ["channel", "message_id"])
