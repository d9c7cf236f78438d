"""Silences, what each account was told last by rule, and by what a decision was brought about.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("rule", sa.Text),
        sa.Column("manager", sa.Text),
        sa.Column("begin_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("ended_by", sa.Text),
    )
    op.create_index("silences_until", "silences", ["broker", "until_at"])
    op.create_table(
        "tellings",
        sa.Column("broker", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("trading_day", sa.Date, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
    )
    op.add_column("decisions", sa.Column("because_of", sa.Text))
