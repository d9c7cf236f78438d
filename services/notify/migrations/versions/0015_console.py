"""The console: who has heard of what, what alerts are looked for by, whose clients are whose.

Revision ID: 0015
"""

from alembic import op

from shared.db import api_keys

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    "ALTER TABLE relations ADD COLUMN branch_id text",
    "ALTER TABLE staff ADD COLUMN left_on date",
    "ALTER TABLE alerts ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY,"
    " ADD COLUMN rule text, ADD COLUMN urgency text, ADD COLUMN trading_day date,"
    " ADD COLUMN open boolean NOT NULL DEFAULT true",
    "CREATE SEQUENCE places",
    """
    CREATE TABLE hearers (
        alert_id   uuid NOT NULL,
        staff_id   text NOT NULL,
        number     bigint GENERATED ALWAYS AS IDENTITY,
        wall_heard timestamptz NOT NULL DEFAULT clock_timestamp(),
        changed    bigint,
        PRIMARY KEY (alert_id, staff_id)
    )
    """,
    """
    UPDATE alerts a SET rule = n.data ->> 'rule', urgency = n.data ->> 'urgency',
        trading_day = (n.data ->> 'trading_day')::date,
        open = n.type <> 'alert.withdrawn' AND NOT EXISTS (
            SELECT FROM acknowledgements k WHERE k.alert_id = a.alert_id
            AND k.kind IN ('contacted', 'false-alarm') AND k.number = (
                SELECT max(number) FROM acknowledgements WHERE alert_id = a.alert_id))
    FROM (SELECT DISTINCT ON (alert_id) alert_id, event::json -> 'data' AS data,
              event::json ->> 'type' AS type
          FROM revisions ORDER BY alert_id, revision DESC) n
    WHERE n.alert_id = a.alert_id
    """,
    """
    INSERT INTO hearers (alert_id, staff_id, wall_heard)
    SELECT alert_id, receiver, min(wall_read) FROM intents
    WHERE revision > 0 AND step > 0 AND receiver NOT LIKE 'team-%'
    GROUP BY alert_id, receiver ORDER BY min(number)
    """,
    "CREATE UNIQUE INDEX alerts_number ON alerts (number)",
    "CREATE INDEX alerts_account ON alerts (broker, account, number)",
    "CREATE INDEX hearers_inbox ON hearers (staff_id, number)",
    "CREATE INDEX hearers_changed ON hearers (changed)",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*STATEMENTS, *api_keys.creation("notify")):
        op.execute(statement)
