"""留存的报表 — the files that nights have made: put there, listed, fetched, and gone when over.

A file that names a client who is blocked is not there for anybody, whoever asks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from shared.contracts.profiles import NAMES, ReportFile

_OPEN = (
    "NOT EXISTS (SELECT FROM erasures e WHERE e.broker = f.broker"
    " AND e.customer_id = ANY (f.clients))"
)
_SHOWN = (
    "f.file, f.kind, f.period, f.unit, f.format, f.revision, f.trading_day, f.complete,"
    " f.superseded, f.size, f.sha256, f.made_at, f.kept_until, f.clients"
)
LISTED = f"""
SELECT {_SHOWN} FROM report_files f
WHERE f.broker = :broker AND {_OPEN}
  AND (CAST(:units AS text[]) IS NULL OR f.unit = ANY (CAST(:units AS text[])))
  AND (CAST(:named AS boolean) OR f.clients = '{{}}')
  AND (CAST(:all AS boolean) OR NOT f.superseded)
  AND (CAST(:kind AS text) IS NULL OR f.kind = :kind)
  AND (CAST(:period AS text) IS NULL OR f.period = :period)
  AND (CAST(:unit AS text) IS NULL OR f.unit = :unit)
  AND (CAST(:day AS date) IS NULL OR (f.trading_day, f.file) < (:day, CAST(:file AS uuid)))
ORDER BY f.trading_day DESC, f.file DESC LIMIT :most
"""  # noqa: S608 our own words
ONE = f"""
SELECT {_SHOWN}, f.content FROM report_files f
WHERE f.broker = :broker AND f.file = :file AND {_OPEN}
"""  # noqa: S608 our own words
NEWEST = """
SELECT revision, figures, complete FROM report_files
WHERE broker = :broker AND kind = :kind AND period = :period AND unit = :unit
ORDER BY revision DESC LIMIT 1
"""
UNITS = """
SELECT DISTINCT 'branch' AS level, branch_id AS id FROM relations
WHERE broker = :broker AND branch_id IS NOT NULL
UNION SELECT DISTINCT 'manager', manager_id FROM relations
WHERE broker = :broker AND manager_id IS NOT NULL ORDER BY level, id
"""
_SUPERSEDE = text(
    "UPDATE report_files SET superseded = true WHERE broker = :broker AND kind = :kind"
    " AND period = :period AND unit = :unit AND NOT superseded"
)
_PUT = text(
    """
    INSERT INTO report_files (broker, file, kind, period, unit, format, revision, trading_day,
        complete, figures, clients, size, sha256, content, kept_until)
    VALUES (:broker, :file, :kind, :period, :unit, :format, :revision, :trading_day,
        :complete, :figures, :clients, :size, :sha256, :content, :kept_until)
    """
)
_OVER = text("DELETE FROM report_files WHERE broker = :broker AND kept_until < :day")
_NAMING = text("DELETE FROM report_files WHERE broker = :broker AND :client = ANY (clients)")


class Made(NamedTuple):
    """A report that was worked out. ``figures``: their digest; ``clients``: whom it names."""

    kind: str
    period: str
    unit: str
    revision: int
    trading_day: date
    complete: bool
    figures: str
    clients: Sequence[str]


async def units(records: Records) -> Mapping[str, Sequence[str]]:
    """Return level → its units, as reports name them."""
    found: dict[str, list[str]] = {"company": ["company"], "branch": [], "manager": []}
    for row in await records.rows(UNITS):
        found[row["level"]].append(f"{row['level']}:{row['id']}")
    return found


async def newest(records: Records, kind: str, period: str, unit: str) -> Row | None:
    """Return the digest and the number of a report's newest revision."""
    found = await records.rows(NEWEST, kind=kind, period=period, unit=unit)
    return found[0] if found else None


async def put(
    records: Records, made: Made, contents: Mapping[str, bytes], kept_days: int
) -> Sequence[ReportFile]:
    """Put a report's files in the place of those of its revision before."""
    of = {"broker": records.broker, **made._asdict()}
    same = {name: of[name] for name in ("broker", "kind", "period", "unit")}
    await records.connection.execute(_SUPERSEDE, same)
    kept_until = made.trading_day + timedelta(days=kept_days)
    files = []
    for format_, content in contents.items():
        told = ReportFile.model_validate(
            {
                "file": _file(records.broker, made, format_),
                "format": format_,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
        values = {**of, **told.model_dump(), "clients": list(made.clients)}
        values |= {"content": content, "kept_until": kept_until}
        await records.connection.execute(_PUT, values)
        files.append(told)
    return files


async def listed(records: Records, **asked: Any) -> Rows:
    """Return a page of the files that are there, of the newest days first."""
    return await records.rows(LISTED, **asked)


async def one(records: Records, file: UUID) -> Row | None:
    """Return a file with its content."""
    found = await records.rows(ONE, file=file)
    return found[0] if found else None


def named(row: Row) -> str:
    """Return a file as the audit names it."""
    return "{kind} {period} {unit} {format} r{revision}".format_map(row)


async def drop_over(records: Records, day: date) -> int:
    """Delete the files whose time is over on a day; return how many."""
    done = await records.connection.execute(_OVER, {"broker": records.broker, "day": day})
    return int(done.rowcount)


async def drop_naming(records: Records, client: str) -> int:
    """Delete every file that names a client; return how many."""
    asked = {"broker": records.broker, "client": client}
    return int((await records.connection.execute(_NAMING, asked)).rowcount)


def _file(broker: str, of: Made, format_: str) -> UUID:
    """Return what a file is fetched by: it follows from what it is."""
    return uuid5(NAMES, f"file|{broker}|{of.kind}|{of.period}|{of.unit}|{of.revision}|{format_}")
