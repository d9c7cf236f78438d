"""The company's funds by branch, as they were added up a few seconds ago."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.unit_sums (
        broker     text NOT NULL,
        id         text NOT NULL,
        clients    bigint NOT NULL,
        accounts   bigint NOT NULL,
        equity     bigint,
        available  bigint,
        margin     bigint,
        deposit    bigint,
        withdrawal bigint,
        commission bigint,
        PRIMARY KEY (broker, id)
    )
    """,
    """
    CREATE TABLE profile.unit_sums_taken (
        broker   text PRIMARY KEY,
        seen     text NOT NULL,
        taken_at timestamptz NOT NULL
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE profile.unit_sums, profile.unit_sums_taken")
