"""Of how many accounts something was missing on a day that was computed."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE profile.night_doubts (
            broker      text NOT NULL,
            trading_day date NOT NULL,
            doubt       text NOT NULL,
            accounts    bigint NOT NULL,
            PRIMARY KEY (broker, trading_day, doubt)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE profile.night_doubts")
