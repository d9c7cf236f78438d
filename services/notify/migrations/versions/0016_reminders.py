"""Reminders: who put an alert off, and when they are told again.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("staff_id", sa.Text, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
    )
    op.create_index("reminders_due", "reminders", ["due_at"])
