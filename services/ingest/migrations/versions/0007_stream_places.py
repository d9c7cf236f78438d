"""How far each sequenced stream of a counter was taken, per trading day."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE ingest.stream_places (
            stream      text NOT NULL,
            trading_day date NOT NULL,
            first       integer NOT NULL,
            last        integer NOT NULL,
            gaps        text NOT NULL,
            PRIMARY KEY (stream, trading_day)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.stream_places")
