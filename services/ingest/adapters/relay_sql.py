"""The statements of the relay."""

from sqlalchemy import text

LEFT = text(
    """
    SELECT n FROM outbox
    WHERE sequence IS NOT NULL AND partition BETWEEN :first AND :last
    ORDER BY topic, partition, sequence LIMIT :most
    """
)

GIVE = text(
    """
    WITH waiting AS (
        SELECT n, topic, partition FROM outbox
        WHERE sequence IS NULL AND partition BETWEEN :first AND :last
        ORDER BY n LIMIT :most
    ), placed AS (
        SELECT n, topic, partition,
               row_number() OVER (PARTITION BY topic, partition ORDER BY n) AS place,
               count(*) OVER (PARTITION BY topic, partition) AS size
        FROM waiting
    ), grown AS (
        INSERT INTO counters (topic, partition, last)
        SELECT DISTINCT topic, partition, size FROM placed
        ON CONFLICT (topic, partition) DO UPDATE SET last = counters.last + excluded.last
        RETURNING topic, partition, last
    )
    UPDATE outbox SET sequence = grown.last - placed.size + placed.place
    FROM placed JOIN grown USING (topic, partition)
    WHERE outbox.n = placed.n
    RETURNING outbox.n
    """
)

TOLD = text(
    """
    SELECT outbox.topic, outbox.partition, sequence, key, body, headers, accepted_at
    FROM outbox JOIN records USING (n)
    WHERE n = ANY (CAST(:n AS bigint[]))
    ORDER BY outbox.topic, outbox.partition, sequence
    """
)
"""Asked after the sequences are committed: from then on no body changes."""

LOCK = text(
    """
    SELECT count(*) FILTER (WHERE pg_try_advisory_lock(CAST(:class AS integer), partition))
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS partition
    """
)

MARK = text("DELETE FROM outbox WHERE n = ANY (CAST(:sent AS bigint[]))")

WAITED = text("SELECT extract(epoch FROM now() - CAST(:since AS timestamptz))")
