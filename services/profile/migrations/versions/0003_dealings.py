"""Trades, and the services a client was given; who may ask, and the audit of who did."""

from alembic import op

from shared.db import api_keys, audit

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.trades (
        broker      text NOT NULL,
        account     text NOT NULL,
        trading_day date NOT NULL,
        exchange    text NOT NULL,
        trade_id    text NOT NULL,
        direction   text NOT NULL,
        instrument  text,
        option_kind text,
        strike      numeric,
        underlying  text,
        order_id    text,
        open_close  text,
        hedge       text,
        lots        integer,
        price       numeric,
        turnover    bigint,
        premium     bigint,
        executed_at timestamptz,
        fee         bigint,
        profit_mtm  bigint,
        profit_tbt  bigint,
        cancelled   boolean,
        settled     boolean NOT NULL,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, account, trading_day, exchange, trade_id, direction)
    ) PARTITION BY RANGE (trading_day)
    """,
    """
    CREATE TABLE profile.close_outs (
        broker           text NOT NULL,
        account          text NOT NULL,
        trading_day      date NOT NULL,
        instrument       text NOT NULL,
        trade_id         text NOT NULL,
        direction        text NOT NULL,
        opening_trade_id text,
        open_price       numeric NOT NULL,
        exchange         text,
        option_kind      text,
        strike           numeric,
        underlying       text,
        opened_on        date,
        lots             integer,
        close_price      numeric,
        profit_mtm       bigint,
        profit_tbt       bigint,
        cancelled        boolean,
        sequence         bigint NOT NULL
    ) PARTITION BY RANGE (trading_day)
    """,
    "CREATE UNIQUE INDEX close_outs_key ON profile.close_outs "
    "(broker, account, trading_day, instrument, trade_id, direction, opening_trade_id, open_price) "
    "NULLS NOT DISTINCT",
    """
    CREATE TABLE profile.exchange_deliveries (
        broker         text NOT NULL,
        account        text NOT NULL,
        trading_day    date NOT NULL,
        source         text NOT NULL,
        event_id       text NOT NULL,
        exchange       text,
        instrument     text,
        option_kind    text,
        strike         numeric,
        underlying     text,
        direction      text,
        lots           integer,
        delivery_price numeric,
        turnover       bigint,
        fee            bigint,
        profit         bigint,
        cancelled      boolean,
        sequence       bigint NOT NULL,
        PRIMARY KEY (broker, account, trading_day, source, event_id)
    ) PARTITION BY RANGE (trading_day)
    """,
    """
    CREATE TABLE profile.fees (
        broker      text NOT NULL,
        account     text NOT NULL,
        trading_day date NOT NULL,
        source      text NOT NULL,
        event_id    text NOT NULL,
        item        text,
        amount      bigint,
        currency    text,
        exchange    text,
        note        text,
        cancelled   boolean,
        sequence    bigint NOT NULL,
        PRIMARY KEY (broker, account, trading_day, source, event_id)
    ) PARTITION BY RANGE (trading_day)
    """,
    """
    CREATE TABLE profile.alerts (
        alert_id     uuid NOT NULL,
        broker       text,
        account      text,
        trading_day  date,
        state        text,
        rule         text,
        message_type text,
        module       text,
        urgency      text,
        summary      text,
        facts        jsonb,
        action       text,
        happened_at  timestamptz,
        provisional  boolean,
        revision     integer NOT NULL,
        PRIMARY KEY (alert_id)
    )
    """,
    """
    CREATE TABLE profile.tellings (
        intent_id uuid NOT NULL,
        broker    text,
        account   text,
        alert_id  uuid,
        revision  integer,
        step      integer,
        channel   text,
        receiver  text,
        outcome   text,
        reason    text,
        attempts  integer,
        at        timestamptz NOT NULL,
        PRIMARY KEY (intent_id)
    )
    """,
    """
    CREATE TABLE profile.receipts (
        intent_id uuid NOT NULL,
        broker    text,
        account   text,
        alert_id  uuid,
        revision  integer,
        arrived   boolean NOT NULL,
        reason    text,
        at        timestamptz NOT NULL,
        PRIMARY KEY (intent_id)
    )
    """,
    """
    CREATE TABLE profile.replies (
        reply_id uuid NOT NULL,
        broker   text,
        account  text,
        alert_id uuid,
        revision integer,
        rule     text,
        kind     text,
        by_staff text,
        via      text,
        until    timestamptz,
        to_staff text,
        at       timestamptz NOT NULL,
        PRIMARY KEY (reply_id)
    )
    """,
    "CREATE INDEX trades_moment ON profile.trades (trading_day, executed_at)",
    "CREATE INDEX close_outs_day ON profile.close_outs USING brin (trading_day)",
    "CREATE INDEX exchange_deliveries_day ON profile.exchange_deliveries USING brin (trading_day)",
    "CREATE INDEX fees_day ON profile.fees USING brin (trading_day)",
    "CREATE INDEX alerts_account ON profile.alerts (broker, account, happened_at)",
    "CREATE INDEX tellings_alert ON profile.tellings (alert_id)",
    "CREATE INDEX replies_alert ON profile.replies (alert_id)",
)

TABLES = "trades close_outs exchange_deliveries fees alerts tellings receipts replies"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*STATEMENTS, *api_keys.creation("profile"), *audit.creation("profile")):
        op.execute(statement)


def downgrade() -> None:
    for statement in (*audit.removal("profile"), *api_keys.removal("profile")):
        op.execute(statement)
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE profile.{table}")
