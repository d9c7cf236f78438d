"""Return visits: batches, tasks with their reasons, and records that are never changed."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE profile.visit_batches (
        broker       text NOT NULL,
        batch        text NOT NULL,
        year         integer NOT NULL,
        trading_day  date NOT NULL,
        seed         text NOT NULL,
        rules        jsonb NOT NULL,
        clients      integer NOT NULL,
        tallies      jsonb NOT NULL,
        selected     integer NOT NULL,
        opened       integer NOT NULL,
        joined       integer NOT NULL,
        generated_by text NOT NULL,
        generated_at timestamptz NOT NULL,
        PRIMARY KEY (broker, batch)
    )
    """,
    """
    CREATE TABLE profile.visit_tasks (
        broker      text NOT NULL,
        visit       uuid NOT NULL,
        year        integer NOT NULL,
        customer_id text NOT NULL,
        round       integer NOT NULL,
        due_on      date NOT NULL,
        status      text NOT NULL,
        PRIMARY KEY (broker, visit),
        UNIQUE (broker, year, customer_id, round)
    )
    """,
    """
    CREATE TABLE profile.visit_reasons (
        broker text NOT NULL,
        visit  uuid NOT NULL,
        rule   text NOT NULL,
        batch  text NOT NULL,
        PRIMARY KEY (broker, visit, rule)
    )
    """,
    """
    CREATE TABLE profile.visit_records (
        broker      text NOT NULL,
        record      uuid NOT NULL,
        visit       uuid NOT NULL,
        place       integer NOT NULL,
        visited_at  timestamptz NOT NULL,
        method      text NOT NULL,
        result      text NOT NULL,
        reason      text NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (broker, visit, record),
        UNIQUE (broker, visit, place)
    )
    """,
    "CREATE INDEX visit_tasks_due ON profile.visit_tasks (broker, due_on, visit)",
    """
    CREATE FUNCTION profile.visit_records_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a record of a visit is corrected by another' USING ERRCODE = '42501';
    END
    $$
    """,
    "CREATE TRIGGER visit_records_stay BEFORE UPDATE OR DELETE ON profile.visit_records "
    "FOR EACH ROW EXECUTE FUNCTION profile.visit_records_stay()",
)
TABLES = "visit_batches visit_tasks visit_reasons visit_records"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES.split()):
        op.execute(f"DROP TABLE profile.{table}")
    op.execute("DROP FUNCTION profile.visit_records_stay")
