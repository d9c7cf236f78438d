"""Reports that were made of whole trading days, as files."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.report_files (
        broker      text NOT NULL,
        file        uuid NOT NULL,
        kind        text NOT NULL,
        period      text NOT NULL,
        unit        text NOT NULL,
        format      text NOT NULL,
        revision    integer NOT NULL,
        trading_day date NOT NULL,
        complete    boolean NOT NULL,
        superseded  boolean NOT NULL DEFAULT false,
        figures     text NOT NULL,
        clients     text[] NOT NULL,
        size        integer NOT NULL,
        sha256      text NOT NULL,
        content     bytea NOT NULL,
        made_at     timestamptz NOT NULL DEFAULT now(),
        kept_until  date NOT NULL,
        PRIMARY KEY (broker, file),
        UNIQUE (broker, unit, kind, period, format, revision)
    )
    """,
    "CREATE INDEX report_files_in_order ON profile.report_files"
    " (broker, trading_day DESC, file DESC)",
    "CREATE INDEX report_files_over ON profile.report_files (kept_until)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE profile.report_files")
