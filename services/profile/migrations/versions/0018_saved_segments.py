"""Segments that people keep, and the clients they starred."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.saved_segments (
        broker     text NOT NULL,
        segment    uuid NOT NULL,
        name       text NOT NULL,
        owner      text NOT NULL,
        shared     boolean NOT NULL,
        condition  jsonb,
        changed_at timestamptz NOT NULL,
        PRIMARY KEY (broker, segment),
        UNIQUE (broker, owner, name)
    )
    """,
    """
    CREATE TABLE profile.segment_clients (
        broker      text NOT NULL,
        segment     uuid NOT NULL,
        customer_id text NOT NULL,
        PRIMARY KEY (broker, segment, customer_id)
    )
    """,
    """
    CREATE TABLE profile.stars (
        broker      text NOT NULL,
        person      text NOT NULL,
        customer_id text NOT NULL,
        PRIMARY KEY (broker, person, customer_id)
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("stars", "segment_clients", "saved_segments"):
        op.execute(f"DROP TABLE profile.{table}")
