"""The statements of the movements' table."""

from sqlalchemy import text

DAY_LOCK = 0x6764  # the class of the advisory locks on trading days

HOLD = "SELECT {lock}(CAST(:class AS integer), day) FROM unnest(CAST(:days AS integer[])) day"

UNTOLD_ROWS = text(
    """
    SELECT * FROM movements
    WHERE origin = 'file' AND standing AND alias IS NULL
      AND (account, trading_day, direction, amount, currency) IN (
        SELECT * FROM unnest(
            CAST(:account AS text[]), CAST(:day AS date[]), CAST(:direction AS text[]),
            CAST(:amount AS numeric[]), CAST(:currency AS text[])
        )
      )
    ORDER BY n FOR UPDATE
    """
)

NAMED = text(
    """
    SELECT * FROM movements
    WHERE n IN (
        SELECT m.n
        FROM movements m
        JOIN unnest(CAST(:account AS text[]), CAST(:serial AS text[])) AS named (account, serial)
          ON m.account = named.account AND m.serial = named.serial
        UNION
        SELECT m.n
        FROM movements m
        JOIN unnest(CAST(:account AS text[]), CAST(:serial AS text[])) AS named (account, serial)
          ON m.account = named.account AND m.alias = named.serial
        UNION
        SELECT m.n
        FROM movements m
        JOIN unnest(CAST(:account AS text[]), CAST(:serial AS text[])) AS named (account, serial)
          ON m.account = named.account AND m.reverses = named.serial
    )
    ORDER BY n FOR UPDATE
    """
)

EARLY = text(
    """
    SELECT account, trading_day, serial FROM early_reversals
    WHERE (account, trading_day, serial) IN (
        SELECT * FROM unnest(
            CAST(:account AS text[]), CAST(:day AS date[]), CAST(:serial AS text[])
        )
    )
    """
)

NOTE_EARLY = text(
    """
    INSERT INTO early_reversals
    SELECT * FROM unnest(CAST(:account AS text[]), CAST(:day AS date[]), CAST(:serial AS text[]))
    ON CONFLICT DO NOTHING
    """
)

MEET_EARLY = text(
    """
    DELETE FROM early_reversals
    WHERE (account, trading_day, serial) IN (
        SELECT * FROM unnest(
            CAST(:account AS text[]), CAST(:day AS date[]), CAST(:serial AS text[])
        )
    )
    """
)

OF_DAYS = text(
    """
    SELECT * FROM movements
    WHERE trading_day = ANY (CAST(:days AS date[])) OR (standing AND vouched = :day)
    ORDER BY n FOR UPDATE
    """
)

OF_ACCOUNTS = text(
    """
    SELECT * FROM movements
    WHERE account = ANY (CAST(:accounts AS text[]))
      AND (trading_day = ANY (CAST(:days AS date[])) OR (standing AND vouched = :day))
    ORDER BY n FOR UPDATE
    """
)

_GIVEN = """
    unnest(
        CAST(:account AS text[]), CAST(:day AS date[]), CAST(:direction AS text[]),
        CAST(:amount AS numeric[]), CAST(:currency AS text[]), CAST(:serial AS text[]),
        CAST(:told_source AS text[]), CAST(:told_id AS text[]), CAST(:origin AS text[]),
        CAST(:standing AS boolean[]), CAST(:vouched AS date[]), CAST(:alias AS text[]),
        CAST(:reverses AS text[]), CAST(:undone_by AS text[])
    ) WITH ORDINALITY
        AS given (account, trading_day, direction, amount, currency, serial, told_source, told_id,
                  origin, standing, vouched, alias, reverses, undone_by, place)
"""

TELL = text(
    f"""
    INSERT INTO movements (account, trading_day, direction, amount, currency, serial, told_source,
                           told_id, origin, standing, vouched, alias, reverses, undone_by)
    SELECT account, trading_day, direction, amount, currency, serial, told_source,
           told_id, origin, standing, vouched, alias, reverses, undone_by
    FROM {_GIVEN} ORDER BY place
    """  # noqa: S608 our own words
)

CHANGE = text(
    f"""
    UPDATE movements
    SET standing = given.standing, vouched = given.vouched, alias = given.alias,
        reverses = given.reverses, undone_by = given.undone_by
    FROM {_GIVEN}
    WHERE movements.told_source = given.told_source AND movements.told_id = given.told_id
    """  # noqa: S608 our own words
)
