"""The inbox, its sequences, and what ingest remembers to tell each fact once."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RECORDS = """
CREATE TABLE ingest.records (
    n           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL,
    id          text NOT NULL,
    copy        smallint NOT NULL DEFAULT 0,
    topic       text NOT NULL,
    partition   smallint NOT NULL,
    key         text NOT NULL,
    type        text NOT NULL,
    body        bytea NOT NULL,
    headers     text,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    sequence    bigint,
    sent_at     timestamptz,
    UNIQUE (source, id, copy)
)
"""

STATEMENTS = (
    RECORDS,
    "CREATE INDEX records_unsent ON ingest.records (n) WHERE sent_at IS NULL",
    "ALTER TABLE ingest.records SET (autovacuum_vacuum_scale_factor = 0.02)",
    """
    CREATE TABLE ingest.counters (
        topic     text NOT NULL,
        partition smallint NOT NULL,
        last      bigint NOT NULL,
        PRIMARY KEY (topic, partition)
    )
    """,
    """
    CREATE TABLE ingest.movements (
        n           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        account     text NOT NULL,
        trading_day date NOT NULL,
        direction   text NOT NULL CHECK (direction IN ('deposit', 'withdrawal')),
        amount      numeric NOT NULL CHECK (amount > 0),
        currency    text NOT NULL,
        serial      text NOT NULL,
        told_source text NOT NULL,
        told_id     text NOT NULL,
        origin      text NOT NULL CHECK (origin IN ('stream', 'file')),
        standing    boolean NOT NULL,
        vouched     date,
        alias       text,
        UNIQUE (told_source, told_id)
    )
    """,
    "CREATE INDEX movements_standing ON ingest.movements (trading_day, account) WHERE standing",
    "CREATE INDEX movements_vouched ON ingest.movements (vouched) WHERE standing",
    "CREATE INDEX movements_serial ON ingest.movements (account, serial)",
    "CREATE INDEX movements_alias ON ingest.movements (account, alias) WHERE alias IS NOT NULL",
    """
    CREATE TABLE ingest.early_reversals (
        account     text NOT NULL,
        trading_day date NOT NULL,
        serial      text NOT NULL,
        PRIMARY KEY (account, trading_day, serial)
    )
    """,
    """
    CREATE TABLE ingest.settlements (
        trading_day date NOT NULL,
        account     text NOT NULL,
        content     text NOT NULL,
        PRIMARY KEY (trading_day, account)
    )
    """,
    *(
        f"CREATE TABLE ingest.{register} "
        "(name text PRIMARY KEY, version integer NOT NULL, body bytea NOT NULL)"
        for register in ("customers", "staff", "baselines")
    ),
    "CREATE TABLE ingest.accounts (account text PRIMARY KEY, customer_id text NOT NULL)",
    """
    CREATE TABLE ingest.files (
        kind     text NOT NULL,
        scope    text NOT NULL,
        version  integer NOT NULL,
        name     text NOT NULL,
        sha256   text NOT NULL,
        day      date,
        good     integer NOT NULL,
        bad      integer NOT NULL,
        notes    text NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now(),
        moved_at timestamptz,
        PRIMARY KEY (kind, scope, version)
    )
    """,
    "CREATE INDEX files_day ON ingest.files (day)",
    "CREATE INDEX files_unmoved ON ingest.files (name) WHERE moved_at IS NULL",
    """
    CREATE TABLE ingest.closed_days (
        day       date PRIMARY KEY,
        closed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)

TABLES = (
    "records counters movements early_reversals settlements customers staff baselines accounts "
    "files closed_days"
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE ingest.{table}")
