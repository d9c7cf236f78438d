"""A record of a visit may hold a client's answers, and to which questionnaire."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE profile.visit_records ADD COLUMN questionnaire integer,"
        " ADD COLUMN answers jsonb"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE profile.visit_records DROP COLUMN answers, DROP COLUMN questionnaire")
