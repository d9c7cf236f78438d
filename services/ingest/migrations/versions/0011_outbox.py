"""待发 — what is not yet in Kafka stands in a narrow table, and leaves it when it is sent.

Giving a sequence and marking as sent rewrote a record each time, body and all. A trigger puts in
whatever is stored: also what an older release stores while it is being replaced.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UP = (
    "SET LOCAL lock_timeout = '5s'",
    "LOCK TABLE ingest.records IN ACCESS EXCLUSIVE MODE",
    """
    CREATE TABLE ingest.outbox (
        n         bigint PRIMARY KEY,
        topic     text NOT NULL,
        partition smallint NOT NULL,
        sequence  bigint
    ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
    """,
    """
    INSERT INTO ingest.outbox
    SELECT n, topic, partition, sequence FROM ingest.records WHERE sent_at IS NULL
    """,
    "ALTER TABLE ingest.records DROP COLUMN sequence, DROP COLUMN sent_at",
    """
    CREATE FUNCTION ingest.wait_in_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO ingest.outbox (n, topic, partition) SELECT n, topic, partition FROM stored;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER stored_waits AFTER INSERT ON ingest.records
    REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION ingest.wait_in_outbox()
    """,
)

DOWN = (
    "LOCK TABLE ingest.records IN ACCESS EXCLUSIVE MODE",
    "DROP TRIGGER stored_waits ON ingest.records",
    "DROP FUNCTION ingest.wait_in_outbox()",
    "ALTER TABLE ingest.records ADD COLUMN sequence bigint, ADD COLUMN sent_at timestamptz",
    """
    UPDATE ingest.records SET sequence = outbox.sequence,
        sent_at = CASE WHEN outbox.n IS NULL THEN records.accepted_at END
    FROM ingest.records AS every LEFT JOIN ingest.outbox USING (n) WHERE every.n = records.n
    """,
    "CREATE INDEX records_unsent ON ingest.records (n) WHERE sent_at IS NULL",
    "DROP TABLE ingest.outbox",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
