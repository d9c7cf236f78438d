"""Who clients and staff are, their accounts, and how far the topics are read."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.offsets (
        topic       text NOT NULL,
        partition   integer NOT NULL,
        next_offset bigint NOT NULL,
        PRIMARY KEY (topic, partition)
    )
    """,
    """
    CREATE TABLE profile.clients (
        broker             text NOT NULL,
        customer_id        text NOT NULL,
        customer_no        text,
        customer_type      text,
        kind               text,
        display_name       text,
        sealed_name        text,
        sealed_phone       text,
        sealed_id_card     text,
        sealed_address     text,
        name_index         text,
        phone_index        text,
        masked_phone_index text,
        id_index           text,
        tags               jsonb,
        sequence           bigint NOT NULL,
        PRIMARY KEY (broker, customer_id)
    )
    """,
    """
    CREATE TABLE profile.relations (
        broker             text NOT NULL,
        customer_id        text NOT NULL,
        account            text NOT NULL,
        manager_id         text,
        branch_id          text,
        introducing_broker text,
        since              date,
        sequence           bigint NOT NULL,
        PRIMARY KEY (broker, customer_id, account)
    )
    """,
    """
    CREATE TABLE profile.tenures (
        broker      text NOT NULL,
        customer_id text NOT NULL,
        account     text NOT NULL,
        place       integer NOT NULL,
        manager_id  text,
        since       date,
        until       date,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, customer_id, account, place)
    )
    """,
    """
    CREATE TABLE profile.staff (
        broker       text NOT NULL,
        staff_id     text NOT NULL,
        display_name text,
        role         text,
        branch_id    text,
        leader_id    text,
        successor_id text,
        left_on      date,
        tags         jsonb,
        sequence     bigint NOT NULL,
        PRIMARY KEY (broker, staff_id)
    )
    """,
    """
    CREATE TABLE profile.registrations (
        broker        text NOT NULL,
        account       text NOT NULL,
        trading_day   date,
        status        text,
        opened_on     date,
        closed_on     date,
        customer_type text,
        dormant       boolean,
        tags          jsonb,
        sequence      bigint NOT NULL,
        PRIMARY KEY (broker, account)
    )
    """,
    """
    CREATE TABLE profile.baselines (
        broker            text NOT NULL,
        account           text NOT NULL,
        trading_day       date,
        opened_on         date,
        last_trade_on     date,
        last_position_on  date,
        risk_level        text,
        risk_level_until  date,
        certificate_until date,
        sequence          bigint NOT NULL,
        PRIMARY KEY (broker, account)
    )
    """,
    """
    CREATE TABLE profile.agreements (
        broker      text NOT NULL,
        account     text NOT NULL,
        kind        text NOT NULL,
        starts_on   date,
        trading_day date,
        ends_on     date,
        note        text,
        sequence    bigint NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX agreements_key ON profile.agreements "
    "(broker, account, kind, starts_on) NULLS NOT DISTINCT",
    """
    CREATE TABLE profile.bank_accounts (
        broker      text NOT NULL,
        account     text NOT NULL,
        bank_id     text NOT NULL,
        currency    text NOT NULL,
        trading_day date,
        card        text,
        signed      boolean,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, account, bank_id, currency)
    )
    """,
    """
    CREATE TABLE profile.trading_codes (
        broker       text NOT NULL,
        account      text NOT NULL,
        exchange     text NOT NULL,
        trading_code text NOT NULL,
        trading_day  date,
        sequence     bigint NOT NULL,
        PRIMARY KEY (broker, account, exchange, trading_code)
    )
    """,
    """
    CREATE TABLE profile.clocks (
        broker      text NOT NULL,
        trading_day date,
        at          timestamptz NOT NULL,
        PRIMARY KEY (broker)
    )
    """,
    """
    CREATE TABLE profile.day_closes (
        broker      text NOT NULL,
        trading_day date NOT NULL,
        partition   integer NOT NULL,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, trading_day, partition)
    )
    """,
    "CREATE INDEX clients_name ON profile.clients (name_index)",
    "CREATE INDEX clients_phone ON profile.clients (phone_index)",
    "CREATE INDEX clients_masked_phone ON profile.clients (masked_phone_index)",
    "CREATE INDEX clients_id ON profile.clients (id_index)",
    "CREATE INDEX clients_number ON profile.clients (customer_no)",
    "CREATE INDEX relations_account ON profile.relations (account text_pattern_ops)",
    "CREATE INDEX relations_manager ON profile.relations (manager_id)",
    "CREATE INDEX relations_branch ON profile.relations (branch_id)",
    "CREATE INDEX relations_introducing_broker ON profile.relations (introducing_broker)",
)

TABLES = (
    "offsets clients relations tenures staff registrations baselines agreements "
    "bank_accounts trading_codes clocks day_closes"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE profile.{table}")
