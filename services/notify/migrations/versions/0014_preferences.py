"""By which channels a person would rather hear.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0014"
down_revision = "0013"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("staff_id", sa.Text, nullable=False),
        sa.Column("channels", ARRAY(sa.Text), nullable=False),
        sa.Column("begin_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text),
    )
    op.create_index("preferences_staff", "preferences", ["broker", "staff_id", "number"])
