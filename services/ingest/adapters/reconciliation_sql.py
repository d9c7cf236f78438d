"""The statements of what was told by day, and of how it differs from what the files settle."""

from sqlalchemy import text

SOURCES = text(
    """
    INSERT INTO source_tracks (source, first, last, missing, gaps, late)
    SELECT source, -1, -1, '', 0, 0 FROM unnest(CAST(:sources AS text[])) AS given (source)
    ORDER BY source ON CONFLICT (source) DO NOTHING
    """
)

TRACKS = text(
    """
    SELECT * FROM source_tracks WHERE source = ANY (CAST(:sources AS text[]))
    ORDER BY source FOR UPDATE
    """
)

WRITE_TRACK = text(
    """
    UPDATE source_tracks
    SET first = :first, last = :last, missing = :missing, gaps = :gaps, late = :late, at = now()
    WHERE source = :source
    """
)

STATES = text(
    """
    SELECT trading_day, name, account, told, held FROM states
    WHERE (trading_day, name) IN (
        SELECT * FROM unnest(CAST(:day AS date[]), CAST(:name AS text[]))
    )
    ORDER BY trading_day, name FOR UPDATE
    """
)

WRITE_STATES = text(
    """
    INSERT INTO states (trading_day, name, account, told, held, told_at)
    SELECT * FROM unnest(
        CAST(:day AS date[]), CAST(:name AS text[]), CAST(:account AS text[]),
        CAST(:told AS bytea[]), CAST(:held AS bytea[]), CAST(:told_at AS timestamptz[])
    )
    ON CONFLICT (trading_day, name) DO UPDATE
    SET told = excluded.told, held = excluded.held, told_at = excluded.told_at
    """
)

DUE = text(
    """
    SELECT trading_day, name, account, told, held FROM states
    WHERE held IS NOT NULL AND told_at <= :before
    ORDER BY trading_day, name LIMIT :most FOR UPDATE
    """
)

CLOSED = text("SELECT day FROM closed_days WHERE day = ANY (CAST(:days AS date[]))")

NOTE_LATE = text(
    """
    INSERT INTO differences (day, kind, account, what, told)
    SELECT day, 'late', account, type, id
    FROM unnest(
        CAST(:day AS date[]), CAST(:account AS text[]), CAST(:type AS text[]), CAST(:id AS text[])
    ) AS given (day, account, type, id)
    """
)

FORGET = text("DELETE FROM differences WHERE day = :day AND kind <> 'late'")

MOVEMENTS = text(
    """
    INSERT INTO differences (day, kind, account, what, told, settled)
    SELECT CAST(:day AS date), 'matched', NULL, 'movements', count(*)::text, count(*)::text
    FROM movements WHERE trading_day = :day AND standing
      AND (origin = 'stream' AND vouched IS NOT NULL OR origin = 'file' AND alias IS NOT NULL)
    UNION ALL
    SELECT CAST(:day AS date), 'only-in-stream', account, direction, amount::text, NULL
    FROM movements WHERE trading_day = :day AND origin = 'stream' AND undone_by = 'file'
    UNION ALL
    SELECT CAST(:day AS date), 'only-in-file', account, direction, NULL, amount::text
    FROM movements WHERE trading_day = :day AND standing AND origin = 'file' AND alias IS NULL
    """
)

BALANCES = text(
    """
    INSERT INTO differences (day, kind, account, what, told, settled)
    SELECT CAST(:day AS date), 'balance', told.account, figure.name,
           (told.data ->> figure.name), trim_scale(settled.li[figure.place] / 1000)::text
    FROM (
        SELECT account, convert_from(coalesce(held, told), 'UTF8')::jsonb -> 'data' AS data
        FROM states WHERE trading_day = :day AND name NOT LIKE '%/%' AND name NOT LIKE '~%'
    ) AS told
    JOIN (
        SELECT account, ARRAY[
            split_part(content, '/', 1)::numeric, split_part(content, '/', 2)::numeric
        ] AS li
        FROM settlements WHERE trading_day = :day
    ) AS settled USING (account)
    CROSS JOIN (VALUES ('equity', 1), ('available', 2)) AS figure (name, place)
    WHERE (told.data ->> figure.name)::numeric <> settled.li[figure.place] / 1000
    """
)

GAPS = text(
    """
    INSERT INTO differences (day, kind, account, what, told, settled)
    SELECT CAST(:day AS date), 'gap', NULL, source, missing, NULL
    FROM source_tracks WHERE missing <> ''
    """
)

COUNTS = text(
    """
    SELECT kind, CASE WHEN kind = 'matched' THEN max(told)::bigint ELSE count(*) END AS found
    FROM differences WHERE day = :day GROUP BY kind
    """
)

OF = text(
    """
    SELECT day, kind, account, what, told, settled FROM differences
    WHERE day = :day ORDER BY kind, account, what, n
    """
)
