"""Files and pulls are heard of, too; they are no live sources, whose silence the clock tells."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE ingest.heard ADD COLUMN live boolean NOT NULL DEFAULT true")


def downgrade() -> None:
    op.execute("DELETE FROM ingest.heard WHERE NOT live")
    op.execute("ALTER TABLE ingest.heard DROP COLUMN live")
