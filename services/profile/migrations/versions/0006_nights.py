"""What is computed of whole trading days, and the events that follow from it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.nights (
        broker      text NOT NULL,
        trading_day date NOT NULL,
        told        bigint NOT NULL DEFAULT 0,
        told_at     timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (broker, trading_day)
    )
    """,
    """
    CREATE TABLE profile.night_steps (
        broker      text NOT NULL,
        trading_day date NOT NULL,
        step        text NOT NULL,
        version     integer NOT NULL,
        told        bigint NOT NULL,
        rows        bigint NOT NULL,
        seconds     double precision NOT NULL,
        computed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (broker, trading_day, step)
    )
    """,
    """
    CREATE TABLE profile.outbox (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic  text NOT NULL,
        key    text NOT NULL,
        event  text NOT NULL
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("outbox", "night_steps", "nights"):
        op.execute(f"DROP TABLE profile.{table}")
