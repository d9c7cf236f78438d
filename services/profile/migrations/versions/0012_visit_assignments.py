"""Who is to make a visit: assignments are appended, the last one holds."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE profile.visit_tasks ADD COLUMN assignee text",
    """
    CREATE TABLE profile.visit_assignments (
        broker      text NOT NULL,
        visit       uuid NOT NULL,
        place       integer NOT NULL,
        assignee    text,
        reason      text NOT NULL,
        assigned_by text NOT NULL,
        assigned_at timestamptz NOT NULL,
        PRIMARY KEY (broker, visit, place)
    )
    """,
    "CREATE INDEX visit_tasks_assigned ON profile.visit_tasks (broker, assignee)"
    " WHERE assignee IS NOT NULL",
    "CREATE TRIGGER visit_assignments_stay BEFORE UPDATE OR DELETE ON profile.visit_assignments "
    "FOR EACH ROW EXECUTE FUNCTION profile.visit_records_stay()",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE profile.visit_assignments")
    op.execute("ALTER TABLE profile.visit_tasks DROP COLUMN assignee")
