"""批次的队列 — what was asked to be generated, how far it is, and what came of it."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records

BATCH = "SELECT * FROM visit_batches WHERE broker = :broker AND batch = :batch"
LISTED = """
SELECT * FROM visit_batches WHERE broker = :broker
AND (CAST(:at AS timestamptz) IS NULL OR (generated_at, batch) < (:at, :last))
ORDER BY generated_at DESC, batch DESC LIMIT :most
"""
ASK = text(
    """
    INSERT INTO visit_batches AS b (broker, batch, year, trading_day, seed, rules, preview, status,
        generated_by, generated_at)
    VALUES (:broker, :batch, :year, :trading_day, :seed, CAST(:rules AS jsonb), :preview, 'queued',
        :generated_by, :generated_at)
    ON CONFLICT (broker, batch) DO UPDATE SET status = 'queued', attempts = 0, seen = 0,
        total = NULL, wrong = NULL, generated_by = EXCLUDED.generated_by,
        generated_at = EXCLUDED.generated_at, finished_at = NULL
    WHERE b.status = 'failed' OR b.preview AND b.status = 'done'
    """
)
"""One that is done stays as it is; one that failed is tried again, a preview counts anew."""


async def ask(records: Records, said: Mapping[str, Any]) -> Row:
    """Put a batch in the queue unless it is there, and return it as it stands."""
    values = {**said, "broker": records.broker, "rules": json.dumps(said["rules"])}
    await records.connection.execute(ASK, values)
    found = await batch(records, said["batch"])
    assert found is not None  # noqa: S101 it was just written, or was there
    return found


async def batch(records: Records, name: str) -> Row | None:
    """Return a batch as it stands."""
    found = await records.rows(BATCH, batch=name)
    return found[0] if found else None


async def batches(records: Records, after: Mapping[str, Any] | None, most: int) -> Rows:
    """Return the batches of a page, the newest first."""
    place = {"at": None, "last": None}
    if after is not None:
        place = {"at": after["generated_at"], "last": after["batch"]}
    return await records.rows(LISTED, **place, most=most)
