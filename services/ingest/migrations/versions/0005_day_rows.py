"""The rows of a day's files of trading and holding that were told."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE ingest.day_rows (
            trading_day date NOT NULL,
            kind        text NOT NULL,
            name        text NOT NULL,
            account     text NOT NULL,
            lots        bigint NOT NULL,
            fee         bigint NOT NULL,
            content     text NOT NULL,
            PRIMARY KEY (trading_day, kind, name)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.day_rows")
