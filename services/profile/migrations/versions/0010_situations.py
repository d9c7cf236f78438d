"""How old a client is and what they live on, as the directory tells it; the birthday sealed."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = ("sealed_birthday", "occupation", "income_source")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE profile.clients ADD COLUMN {column} text")


def downgrade() -> None:
    for column in COLUMNS:
        op.execute(f"ALTER TABLE profile.clients DROP COLUMN {column}")
