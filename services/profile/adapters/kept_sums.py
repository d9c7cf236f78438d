"""全公司的合计 — the funds by branch, added up beside the reading and kept for who asks.

Adding up 200,000 accounts takes a quarter of a second and more: too long for every look at the
company. Whoever reaches less is answered from the accounts themselves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import OPEN
from services.profile.adapters.sums import LEVELS, TREE

LOCK = 0x73756D73  # one worker adds up at a time
STALE_SECONDS = 60  # older ones are not answered with: nobody adds up any more
_SEEN = text(
    """
    SELECT concat((SELECT sum(next_offset) FROM offsets), '/',
                  (SELECT count(*) FROM erasures WHERE broker = :broker)) AS seen,
           (SELECT seen FROM unit_sums_taken WHERE broker = :broker) AS before
    """
)
_CLEAR = text("DELETE FROM unit_sums WHERE broker = :broker")
_ADD = text(
    f"INSERT INTO unit_sums SELECT :broker, s.* FROM"  # noqa: S608 our own words
    f" ({TREE.format(level=LEVELS['branch'], conditions=OPEN.format(of='r'))}) s"
)
_TAKEN = text(
    "INSERT INTO unit_sums_taken VALUES (:broker, :seen, clock_timestamp()) ON CONFLICT (broker)"
    " DO UPDATE SET seen = EXCLUDED.seen, taken_at = EXCLUDED.taken_at"
)
_AT = (
    "SELECT taken_at FROM unit_sums_taken WHERE broker = :broker"
    " AND taken_at > clock_timestamp() - make_interval(secs => :stale)"
)
_ROWS = """
SELECT * FROM unit_sums
WHERE broker = :broker AND (CAST(:last_id AS text) IS NULL OR id COLLATE "C" > :last_id)
ORDER BY id COLLATE "C" LIMIT :most
"""


async def add_up(connection: AsyncConnection, broker: str) -> bool:
    """Add up the funds when there is something new; False: nothing is, or somebody is at it."""
    if not await connection.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return False
    now = (await connection.execute(_SEEN, {"broker": broker})).one()
    if now.seen != now.before:
        await connection.execute(_CLEAR, {"broker": broker})
        await connection.execute(_ADD, {"broker": broker, "most": None})
    await connection.execute(_TAKEN, {"broker": broker, "seen": now.seen})
    return bool(now.seen != now.before)


async def kept(records: Records, asked: Mapping[str, Any]) -> tuple[datetime, Rows] | None:
    """Return when the branches were added up, and a page of them; None: not lately."""
    taken = await records.rows(_AT, stale=STALE_SECONDS)
    if not taken:
        return None
    return taken[0]["taken_at"], await records.rows(_ROWS, **{"last_id": None, **asked})
