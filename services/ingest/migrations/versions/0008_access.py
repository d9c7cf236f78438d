"""The keys of systems, and the audit of who looked at what."""

from alembic import op

from shared.db import api_keys, audit

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*api_keys.creation("ingest"), *audit.creation("ingest")):
        op.execute(statement)
    op.execute("CREATE INDEX files_taken ON ingest.files (taken_at, kind, scope, version)")


def downgrade() -> None:
    op.execute("DROP INDEX ingest.files_taken")
    for statement in (*audit.removal("ingest"), *api_keys.removal("ingest")):
        op.execute(statement)
