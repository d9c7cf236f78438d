"""A batch of return visits is a job: it waits, it is judged, it is done or given up."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNTS = ("clients", "tallies", "selected", "opened", "joined")
STATEMENTS = (
    """
    ALTER TABLE profile.visit_batches
        ADD COLUMN preview     boolean NOT NULL DEFAULT false,
        ADD COLUMN status      text NOT NULL DEFAULT 'done',
        ADD COLUMN attempts    integer NOT NULL DEFAULT 0,
        ADD COLUMN seen        integer NOT NULL DEFAULT 0,
        ADD COLUMN total       integer,
        ADD COLUMN wrong       text,
        ADD COLUMN started_at  timestamptz,
        ADD COLUMN finished_at timestamptz
    """,
    *(f"ALTER TABLE profile.visit_batches ALTER COLUMN {name} DROP NOT NULL" for name in COUNTS),
    "CREATE INDEX visit_batches_waiting ON profile.visit_batches (broker, generated_at)"
    " WHERE status IN ('queued', 'running')",
    "CREATE INDEX visit_reasons_batch ON profile.visit_reasons (broker, batch)",
)
ADDED = "preview status attempts seen total wrong started_at finished_at"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX profile.visit_reasons_batch, profile.visit_batches_waiting")
    op.execute("DELETE FROM profile.visit_batches WHERE status <> 'done' OR preview")
    for name in COUNTS:
        op.execute(f"ALTER TABLE profile.visit_batches ALTER COLUMN {name} SET NOT NULL")
    for name in ADDED.split():
        op.execute(f"ALTER TABLE profile.visit_batches DROP COLUMN {name}")
