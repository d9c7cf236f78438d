"""What is asked every second has an index of its own, however many messages wait.

None of these is spoken of by ``state``: a planner whose statistics are of an empty queue takes any
index over what is open for as good as empty, and reads a hundred thousand rows of it for one.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
POLLED = (
    ("intents_sending", "wall_lease_end", "wall_lease_end IS NOT NULL"),
    ("intents_tried", "first_at", "first_at IS NOT NULL AND ended_at IS NULL"),
    ("intents_grouped", "not_before_at", "reason = 'same-client' AND ended_at IS NULL"),
)


def upgrade() -> None:
    """Add the indexes; the queue's own holds only what may be sent, so that no lane is in it."""
    for name, column, where in POLLED:
        op.create_index(name, "intents", [column], postgresql_where=sa.text(where))
    op.drop_index("intents_open", "intents")
    where = sa.text("state IN ('pending', 'retry')")
    op.create_index("intents_open", "intents", ["rank", "number"], postgresql_where=where)
