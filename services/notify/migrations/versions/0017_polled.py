"""What is asked every second has an index of its own, however many messages wait.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the indexes."""
    for name, column, where in (
        ("intents_sending", "wall_lease_end", "state = 'sending'"),
        ("intents_retried", "first_at", "state = 'retry'"),
        ("intents_grouped", "not_before_at", "state = 'pending' AND reason = 'same-client'"),
    ):
        op.create_index(name, "intents", [column], postgresql_where=sa.text(where))
