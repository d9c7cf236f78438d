"""A client is found by the blind index of a phone, which stands in the client's own state."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE FUNCTION ingest.phone_index(body bytea) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN convert_from(body, 'UTF8')::jsonb ->> 'phone_index'
        """
    )
    op.execute("CREATE INDEX customers_phone ON ingest.customers (ingest.phone_index(body))")


def downgrade() -> None:
    op.execute("DROP INDEX ingest.customers_phone")
    op.execute("DROP FUNCTION ingest.phone_index")
