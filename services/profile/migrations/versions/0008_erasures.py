"""Clients who asked to be erased: they are blocked, whatever is told or read again later."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = """
    CREATE TABLE profile.erasures (
        broker      text NOT NULL,
        customer_id text NOT NULL,
        asked_at    timestamptz NOT NULL,
        asked_by    text NOT NULL,
        reason      text NOT NULL,
        deleted_at  timestamptz,
        PRIMARY KEY (broker, customer_id)
    )
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLE)


def downgrade() -> None:
    op.execute("DROP TABLE profile.erasures")
