"""Receipts are evidence as the rest is; whoever takes evidence out of the ledger is audited.

Revision ID: 0012
"""

from alembic import op

from shared.db import audit

revision = "0012"
down_revision = "0011"

STANDS = "ON receipts FOR EACH ROW"
REFUSED = "EXECUTE FUNCTION refuse_change()"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    changed = "WHEN (OLD IS DISTINCT FROM NEW)"
    op.execute(f"CREATE TRIGGER receipts_unchanged BEFORE UPDATE {STANDS} {changed} {REFUSED}")
    op.execute(f"CREATE TRIGGER receipts_undeleted BEFORE DELETE {STANDS} {REFUSED}")
    op.execute(f"CREATE TRIGGER receipts_whole BEFORE TRUNCATE ON receipts {REFUSED}")
    for statement in audit.creation("notify"):
        op.execute(statement)
