"""What is kept of a visit goes with the client who is erased, and never otherwise."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STAYS = """
CREATE OR REPLACE FUNCTION profile.visit_records_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {unless}
    RAISE EXCEPTION 'a record of a visit is corrected by another' USING ERRCODE = '42501';
END
$$
"""
BLOCKED = """
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM profile.visit_tasks t
        JOIN profile.erasures e ON e.broker = t.broker AND e.customer_id = t.customer_id
        WHERE t.broker = OLD.broker AND t.visit = OLD.visit
    ) THEN
        RETURN OLD;
    END IF;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(STAYS.format(unless=BLOCKED))


def downgrade() -> None:
    op.execute(STAYS.format(unless=""))
