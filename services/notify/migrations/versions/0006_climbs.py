"""Climbs: where an alert that nobody has answered stands; and who leads whom, in which branch.

Staff are forgotten up to their numbers, so that ``org.staff.v1`` can be read again from its start.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
STILL = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("staff", sa.Column("leader_id", sa.Text))
    op.add_column("staff", sa.Column("branch_id", sa.Text))
    op.execute("UPDATE staff SET sequence = ''")
    op.create_table(
        "climbs",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("carried_seconds", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("ended", sa.Text),
    )
    op.create_index("climbs_due", "climbs", ["due_at"], postgresql_where=STILL)
