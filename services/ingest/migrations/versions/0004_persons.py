"""What CFMMC files tell of accounts and persons, and who looks after which account."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REGISTERS = ("registrations", "trading_codes", "banks")

MANAGERS = """
UPDATE ingest.accounts SET manager_id = told.relation ->> 'manager_id'
FROM (
    SELECT name, jsonb_array_elements(convert_from(body, 'UTF8')::jsonb -> 'relations') AS relation
    FROM ingest.customers
) AS told
WHERE accounts.customer_id = told.name AND accounts.account = told.relation ->> 'account'
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for register in REGISTERS:
        op.execute(
            f"CREATE TABLE ingest.{register} "
            "(name text PRIMARY KEY, version integer NOT NULL, body bytea NOT NULL)"
        )
    op.execute("CREATE TABLE ingest.known_as (name text PRIMARY KEY, customer_id text NOT NULL)")
    op.execute("ALTER TABLE ingest.accounts ADD COLUMN manager_id text")
    op.execute(MANAGERS)
    op.execute("CREATE INDEX accounts_manager ON ingest.accounts (manager_id)")


def downgrade() -> None:
    op.execute("ALTER TABLE ingest.accounts DROP COLUMN manager_id")
    for table in ("known_as", *reversed(REGISTERS)):
        op.execute(f"DROP TABLE ingest.{table}")
