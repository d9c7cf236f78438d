"""The statements of the relay."""

from sqlalchemy import text

LEFT = text(
    """
    SELECT n, topic, partition, key, body, headers, sequence FROM records
    WHERE sent_at IS NULL AND sequence IS NOT NULL AND partition BETWEEN :first AND :last
    ORDER BY topic, partition, sequence LIMIT :most
    """
)

GIVE = text(
    """
    WITH waiting AS (
        SELECT n, topic, partition FROM records
        WHERE sent_at IS NULL AND sequence IS NULL AND partition BETWEEN :first AND :last
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
    UPDATE records SET sequence = grown.last - placed.size + placed.place
    FROM placed JOIN grown USING (topic, partition)
    WHERE records.n = placed.n
    RETURNING records.n, records.topic, records.partition, key, body, headers, sequence
    """
)

LOCK = text(
    """
    SELECT count(*) FILTER (WHERE pg_try_advisory_lock(CAST(:class AS integer), partition))
    FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS partition
    """
)

MARK = text(
    """
    WITH marked AS (
        UPDATE records SET sent_at = now() WHERE n = ANY (CAST(:sent AS bigint[]))
        RETURNING accepted_at
    )
    SELECT extract(epoch FROM now() - min(accepted_at)) FROM marked
    """
)
