"""The index of a receiver's open intents begins with the receiver.

Beginning with broker and channel it looked good to the planner where it was the worst.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

OPEN = sa.text("state IN ('pending', 'retry', 'sending')")


def upgrade() -> None:
    op.drop_index("intents_receiver", "intents")
    op.create_index(
        "intents_receiver",
        "intents",
        ["receiver", "channel", "broker", "number"],
        postgresql_where=OPEN,
    )
