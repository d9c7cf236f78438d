"""Evidence is not changed, and only the retention job deletes it; what is old is found quickly.

What was read, decided, written and tried stands as it is. The job says ``guanchao.retention`` in
its transaction. Whoever may alter tables can switch the triggers off: backups and the digests of
exported evidence are what tells then.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = ("revisions", "decisions", "intents", "attempts", "acknowledgements")
CHANGED = {
    "revisions": "(OLD.alert_id, OLD.revision, OLD.event, OLD.wall_read) IS DISTINCT FROM"
    " (NEW.alert_id, NEW.revision, NEW.event, NEW.wall_read)",
    "decisions": "OLD IS DISTINCT FROM NEW",
    "acknowledgements": "OLD IS DISTINCT FROM NEW",
    "intents": "(OLD.intent_id, OLD.alert_id, OLD.revision, OLD.step, OLD.channel, OLD.receiver,"
    " OLD.broker, OLD.account, OLD.sealed_body, OLD.wall_read) IS DISTINCT FROM"
    " (NEW.intent_id, NEW.alert_id, NEW.revision, NEW.step, NEW.channel, NEW.receiver,"
    " NEW.broker, NEW.account, NEW.sealed_body, NEW.wall_read)"
    " OR OLD.ended_at IS NOT NULL AND"
    " (OLD.state, OLD.reason, OLD.ended_at, OLD.message_id, OLD.merged_into, OLD.attempts)"
    " IS DISTINCT FROM"
    " (NEW.state, NEW.reason, NEW.ended_at, NEW.message_id, NEW.merged_into, NEW.attempts)",
    "attempts": "OLD.wall_ended IS NOT NULL AND OLD IS DISTINCT FROM NEW"
    " OR (OLD.intent_id, OLD.number, OLD.receiver, OLD.channel, OLD.wall_started)"
    " IS DISTINCT FROM (NEW.intent_id, NEW.number, NEW.receiver, NEW.channel, NEW.wall_started)",
}
REFUSES = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('guanchao.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'evidence in % is not changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.execute(REFUSES)
    for table in TABLES:
        made = f"CREATE TRIGGER {table}"
        refused = f"ON {table} FOR EACH ROW"
        call = "EXECUTE FUNCTION refuse_change()"
        op.execute(f"{made}_unchanged BEFORE UPDATE {refused} WHEN ({CHANGED[table]}) {call}")
        op.execute(f"{made}_undeleted BEFORE DELETE {refused} {call}")
        op.execute(f"{made}_whole BEFORE TRUNCATE ON {table} {call}")
    for table in ("inbox", "revisions", "intents"):
        op.create_index(f"{table}_read", table, ["wall_read"], postgresql_using="brin")
