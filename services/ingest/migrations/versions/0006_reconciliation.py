"""How far sources have counted, the newest snapshots of a day, and the days' differences."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE ingest.source_tracks (
            source  text PRIMARY KEY,
            first   bigint NOT NULL,
            last    bigint NOT NULL,
            missing text NOT NULL,
            gaps    bigint NOT NULL,
            late    bigint NOT NULL,
            at      timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute(
        """
        CREATE TABLE ingest.states (
            trading_day date NOT NULL,
            name        text NOT NULL,
            account     text NOT NULL,
            told        bytea NOT NULL,
            held        bytea,
            told_at     timestamptz NOT NULL,
            PRIMARY KEY (trading_day, name)
        ) WITH (fillfactor = 70)
        """
    )
    op.execute("CREATE INDEX states_held ON ingest.states (told_at) WHERE held IS NOT NULL")
    op.execute(
        """
        CREATE TABLE ingest.differences (
            n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            day     date NOT NULL,
            kind    text NOT NULL,
            account text,
            what    text NOT NULL,
            told    text,
            settled text
        )
        """
    )
    op.execute("CREATE INDEX differences_day ON ingest.differences (day, kind)")


def downgrade() -> None:
    for table in ("differences", "states", "source_tracks"):
        op.execute(f"DROP TABLE ingest.{table}")
