"""The sources that are stopped because too much of theirs was refused."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE ingest.stops (
            source  text PRIMARY KEY,
            since   timestamptz NOT NULL,
            until   timestamptz NOT NULL,
            refused bigint NOT NULL,
            seen    bigint NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.stops")
