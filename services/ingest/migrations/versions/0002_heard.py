"""When each live source was last heard, and the agreements that were told."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE ingest.heard (source text PRIMARY KEY, at timestamptz NOT NULL)")
    op.execute(
        "CREATE TABLE ingest.agreements "
        "(name text PRIMARY KEY, version integer NOT NULL, body bytea NOT NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE ingest.agreements")
    op.execute("DROP TABLE ingest.heard")
