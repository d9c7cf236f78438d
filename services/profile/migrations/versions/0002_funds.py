"""Money and positions. What grows each day is in one partition a month."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.account_days (
        broker          text NOT NULL,
        account         text NOT NULL,
        trading_day     date NOT NULL,
        opening_equity  bigint,
        equity          bigint,
        available       bigint,
        margin          bigint,
        exchange_margin bigint,
        close_profit    bigint,
        position_profit bigint,
        commission      bigint,
        deposit         bigint,
        withdrawal      bigint,
        traded_lots     integer,
        position_lots   integer,
        sequence        bigint NOT NULL,
        PRIMARY KEY (broker, account, trading_day)
    ) PARTITION BY RANGE (trading_day)
    """,
    """
    CREATE TABLE profile.live_funds (
        broker          text NOT NULL,
        account         text NOT NULL,
        equity          bigint,
        available       bigint,
        margin          bigint,
        exchange_margin bigint,
        close_profit    bigint,
        position_profit bigint,
        commission      bigint,
        deposit         bigint,
        withdrawal      bigint,
        trading_day     date NOT NULL,
        settled         boolean NOT NULL,
        at              timestamptz NOT NULL,
        sequence        bigint NOT NULL,
        PRIMARY KEY (broker, account)
    )
    """,
    """
    CREATE TABLE profile.flows (
        broker      text NOT NULL,
        account     text NOT NULL,
        trading_day date NOT NULL,
        source      text NOT NULL,
        event_id    text NOT NULL,
        direction   text,
        amount      bigint,
        currency    text,
        happened_at timestamptz,
        channel     text,
        serial      text,
        reverses    text,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, account, trading_day, source, event_id)
    ) PARTITION BY RANGE (trading_day)
    """,
    """
    CREATE TABLE profile.positions (
        broker           text NOT NULL,
        account          text NOT NULL,
        exchange         text NOT NULL,
        instrument       text NOT NULL,
        side             text NOT NULL,
        hedge            text NOT NULL,
        option_kind      text,
        strike           numeric,
        underlying       text,
        lots             integer,
        today_lots       integer,
        average_price    numeric,
        settlement_price numeric,
        margin           bigint,
        profit_mtm       bigint,
        profit_tbt       bigint,
        trading_day      date NOT NULL,
        settled          boolean NOT NULL,
        at               timestamptz NOT NULL,
        sequence         bigint NOT NULL,
        PRIMARY KEY (broker, account, exchange, instrument, side, hedge)
    )
    """,
    """
    CREATE TABLE profile.position_sets (
        broker      text NOT NULL,
        account     text NOT NULL,
        trading_day date NOT NULL,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, account)
    )
    """,
    """
    CREATE TABLE profile.forced_orders (
        broker      text NOT NULL,
        order_id    text NOT NULL,
        account     text,
        trading_day date,
        exchange    text,
        instrument  text,
        direction   text,
        lots        integer,
        filled      integer,
        price       bigint,
        reason      text,
        status      text,
        at          timestamptz NOT NULL,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, order_id)
    )
    """,
    "CREATE INDEX account_days_day ON profile.account_days USING brin (trading_day)",
    "CREATE INDEX flows_moment ON profile.flows (trading_day, happened_at)",
    "CREATE INDEX positions_instrument ON profile.positions (exchange, instrument)",
    "CREATE INDEX forced_orders_account ON profile.forced_orders (broker, account, at)",
    "CREATE INDEX forced_orders_moment ON profile.forced_orders (at)",
    "ALTER TABLE profile.live_funds SET (fillfactor = 70)",
    "ALTER TABLE profile.positions SET (fillfactor = 70)",
)

TABLES = "account_days live_funds flows positions position_sets forced_orders"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE profile.{table}")
