"""Digests: since when a budget keeps an intent back, and into which other one it was merged.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OPEN = sa.text("state IN ('pending', 'retry', 'sending')")
HELD = sa.text("held_at IS NOT NULL AND state = 'pending'")
MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.add_column("intents", sa.Column("held_at", sa.DateTime(timezone=True)))
    op.add_column("intents", sa.Column("merged_into", sa.Uuid))
    op.create_index("intents_held", "intents", ["held_at"], postgresql_where=HELD)
    op.create_index("intents_merged", "intents", ["merged_into"], postgresql_where=MERGED)
    op.create_index(
        "intents_receiver",
        "intents",
        ["broker", "channel", "receiver", "number"],
        postgresql_where=OPEN,
    )
