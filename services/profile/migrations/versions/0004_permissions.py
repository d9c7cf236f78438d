"""Special permissions: orders a day, and from which day to which a status holds."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.permission_orders (
        broker      text NOT NULL,
        account     text NOT NULL,
        trading_day date NOT NULL,
        orders      integer NOT NULL,
        opened      text[],
        PRIMARY KEY (broker, account, trading_day)
    )
    """,
    """
    CREATE TABLE profile.permissions (
        broker        text NOT NULL,
        account       text NOT NULL,
        product_class text NOT NULL,
        trading_day   date NOT NULL,
        until         date,
        status        text NOT NULL,
        became        boolean NOT NULL,
        PRIMARY KEY (broker, account, product_class, trading_day)
    )
    """,
    "CREATE INDEX permission_orders_day ON profile.permission_orders (trading_day)",
    "CREATE INDEX permissions_held ON profile.permissions "
    "(status, product_class, trading_day, account) WHERE until IS NULL",
    "CREATE INDEX permissions_day ON profile.permissions (trading_day)",
    "CREATE INDEX permissions_until ON profile.permissions (until) WHERE until IS NOT NULL",
)
TABLES = "permission_orders permissions"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE profile.{table}")
