"""Whose an account is, in the order of lists and searches: a plain list of 60 ms takes one."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE INDEX relations_in_order ON profile.relations"
        ' (broker, account COLLATE "C", customer_id COLLATE "C")'
    )


def downgrade() -> None:
    op.execute("DROP INDEX profile.relations_in_order")
