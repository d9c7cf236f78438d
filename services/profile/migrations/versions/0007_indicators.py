"""Indicators: a row an account and trading day, computed of a whole day."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE profile.indicators (
            broker             text NOT NULL,
            account            text NOT NULL,
            trading_day        date NOT NULL,
            equity             bigint NOT NULL,
            average_equity     bigint NOT NULL,
            profit             bigint,
            commission         bigint NOT NULL,
            net_deposit        bigint NOT NULL,
            return_rate        numeric(24, 6),
            drawdown_rate      numeric(24, 6),
            margin_use         numeric(24, 6),
            traded_lots        bigint NOT NULL,
            traded_days        integer NOT NULL,
            idle_days          integer,
            closed_lots        bigint,
            closed_today_lots  bigint,
            close_today_ratio  numeric(7, 6),
            close_today_profit bigint,
            close_other_profit bigint,
            style              text,
            suits              text,
            recency            smallint NOT NULL,
            frequency          smallint NOT NULL,
            monetary           smallint NOT NULL,
            tier               smallint NOT NULL,
            churn_points       smallint NOT NULL,
            churn              text NOT NULL,
            size               text NOT NULL,
            activity           text NOT NULL,
            is_new             boolean,
            PRIMARY KEY (broker, trading_day, account)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE profile.indicators")
