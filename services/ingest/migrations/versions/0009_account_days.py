"""What was told of an account's day, and where each pull of a database stands."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

REGISTERS = ("account_days", "pulls")


def upgrade() -> None:
    for register in REGISTERS:
        op.execute(
            f"CREATE TABLE ingest.{register} "
            "(name text PRIMARY KEY, version integer NOT NULL, body bytea NOT NULL)"
        )


def downgrade() -> None:
    for register in REGISTERS:
        op.execute(f"DROP TABLE ingest.{register}")
