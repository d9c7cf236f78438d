"""Attempts by time alone: budgets are counted anew from them.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("attempts_since", "attempts", ["started_at"])
