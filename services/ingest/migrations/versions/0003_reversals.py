"""A movement taken back: by whom, and on a later day by which movement."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ingest.movements ADD COLUMN reverses text, ADD COLUMN undone_by text")
    op.execute(
        "CREATE INDEX movements_reverses ON ingest.movements (account, reverses) "
        "WHERE reverses IS NOT NULL"
    )
    op.execute("CREATE INDEX movements_day ON ingest.movements (trading_day, account)")
    op.execute("DROP INDEX ingest.movements_standing")


def downgrade() -> None:
    op.execute(
        "CREATE INDEX movements_standing ON ingest.movements (trading_day, account) WHERE standing"
    )
    op.execute("DROP INDEX ingest.movements_day")
    op.execute("DROP INDEX ingest.movements_reverses")
    op.execute("ALTER TABLE ingest.movements DROP COLUMN undone_by, DROP COLUMN reverses")
