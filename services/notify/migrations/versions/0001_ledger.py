"""The directory, the ledger and the to-do list.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
WALL = sa.func.clock_timestamp()
OPEN = sa.text("state IN ('pending', 'retry', 'sending')")
WAITING = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    _directory()
    _alerts()
    _deliveries()


def _directory() -> None:
    op.create_table(
        "customers",
        sa.Column("broker", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
    )
    op.create_table(
        "relations",
        sa.Column("broker", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Text, nullable=False),
        sa.Column("manager_id", sa.Text),
    )
    op.create_index("relations_customer", "relations", ["broker", "customer_id"])
    op.create_table(
        "staff",
        sa.Column("broker", sa.Text, primary_key=True),
        sa.Column("staff_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("wecom_userid", sa.Text),
        sa.Column("sealed_mobile", sa.Text),
        sa.Column("successor_id", sa.Text),
    )
    op.create_index("staff_role", "staff", ["broker", "role"])


def _alerts() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("wall_read", MOMENT, nullable=False, server_default=WALL),
    )
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("standing", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("since_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("reason", sa.Text),
    )
    op.create_index("alerts_due", "alerts", ["due_at"], postgresql_where=WAITING)
    op.create_index("alerts_waiting", "alerts", ["broker", "account"], postgresql_where=WAITING)
    op.create_table(
        "revisions",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("wall_read", MOMENT, nullable=False, server_default=WALL),
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("receiver", sa.Text),
        sa.Column("step", sa.Integer),
        sa.Column("until_at", MOMENT),
        sa.Column("decided_at", MOMENT, nullable=False),
    )
    op.create_index("decisions_alert", "decisions", ["alert_id"])
    op.create_table(
        "todos",
        sa.Column("alert_id", sa.Uuid, primary_key=True),
        sa.Column("staff_id", sa.Text, primary_key=True),
        sa.Column("added_at", MOMENT, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "intents",
        sa.Column("intent_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("urgency", sa.Text, nullable=False),
        sa.Column("sealed_body", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="pending"),
        sa.Column("reason", sa.Text),
        sa.Column("not_before_at", MOMENT),
        sa.Column("wall_retry", MOMENT),
        sa.Column("lease", sa.Uuid),
        sa.Column("wall_lease_end", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("unsure", sa.Integer, nullable=False, server_default="0"),
        sa.Column("first_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("message_id", sa.Text),
        sa.Column("wall_read", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("alert_id", "revision", "step", "channel", "receiver"),
    )
    op.create_index("intents_open", "intents", ["rank", "number"], postgresql_where=OPEN)
    op.create_index(
        "intents_lane",
        "intents",
        ["broker", "account", "channel", "number"],
        postgresql_where=OPEN,
    )
    op.create_table(
        "attempts",
        sa.Column("intent_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("broker", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("receiver", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("wall_started", MOMENT, nullable=False, server_default=WALL),
        sa.Column("wall_ended", MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
    )
    op.create_index("attempts_recent", "attempts", ["broker", "channel", "receiver", "started_at"])
    op.create_table(
        "freezes",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("until_at", MOMENT, nullable=False),
    )
