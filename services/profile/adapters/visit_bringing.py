"""导入回访记录 — visits that were made elsewhere, written all or none, each of them once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import text

from services.profile.adapters.clients import Row
from services.profile.adapters.records import Records
from services.profile.adapters.visit_landing import VISITS
from services.profile.adapters.visit_naming import By, Imported, Named, named
from services.profile.domain.visit_files import Fault, Made
from shared.kernel.trading_day import CHINA

TASKS = """
SELECT DISTINCT ON (x.customer_id, x.year) x.customer_id, x.year, x.visit,
    (SELECT max(d.visited_at) FROM visit_records d
     WHERE d.broker = x.broker AND d.visit = x.visit) AS latest
FROM visit_tasks x
WHERE x.broker = :broker AND x.customer_id = ANY (CAST(:customers AS text[]))
ORDER BY x.customer_id, x.year, x.round DESC
"""
HELD = """
SELECT visit, record FROM visit_records
WHERE broker = :broker AND record = ANY (CAST(:records AS uuid[]))
"""
LOCKED = """
SELECT visit FROM visit_tasks WHERE broker = :broker AND visit = ANY (CAST(:visits AS uuid[]))
ORDER BY visit FOR UPDATE
"""
RECORD = text(
    """
    INSERT INTO visit_records (broker, record, visit, place, visited_at, method, result, reason,
        recorded_by, recorded_at)
    SELECT :broker, new.record, new.visit,
        new.place + (SELECT count(*) FROM visit_records d
                     WHERE d.broker = :broker AND d.visit = new.visit),
        new.visited_at, new.method, new.result, new.reason, :by, :at
    FROM unnest(CAST(:records AS uuid[]), CAST(:visits AS uuid[]), CAST(:places AS integer[]),
        CAST(:moments AS timestamptz[]), CAST(:methods AS text[]), CAST(:results AS text[]),
        CAST(:reasons AS text[]))
        AS new (record, visit, place, visited_at, method, result, reason)
    """
)
STATUS = text(
    """
    UPDATE visit_tasks x SET status = d.result FROM visit_records d
    WHERE x.broker = :broker AND x.visit = ANY (CAST(:visits AS uuid[]))
      AND d.broker = x.broker AND d.visit = x.visit AND d.place = (
          SELECT max(place) FROM visit_records m WHERE m.broker = x.broker AND m.visit = x.visit)
    """
)
Tasks = Mapping[tuple[str, int], Row]


class Placed(NamedTuple):
    """A visit, the task it is of, and the record's name: the same row again is the same record."""

    task: Row
    made: Made
    record: UUID


async def bring_visits(records: Records, rows: Sequence[Made], by: By) -> Imported:
    """Write visits that were made, each to the client's newest task of its year."""
    known, faults = await named(records, rows, by.scope)
    customers = [one.customer_id for one in known]
    before = await _tasks(records, customers)
    await records.rows(LOCKED, visits=[task["visit"] for task in before.values()])
    placed = _placed(known, await _tasks(records, customers), faults)
    held = await records.rows(HELD, records=[one.record for one in placed])
    had = {(one["visit"], one["record"]) for one in held}
    new = [one for one in placed if (one.task["visit"], one.record) not in had]
    faults += [
        Fault(one.made.row, "visited_at", "之后已有记录 · a later record is there")
        for one in new
        if one.task["latest"] is not None and one.made.visited_at <= one.task["latest"]
    ]
    if faults:
        return Imported(faults=sorted(faults))
    if new:
        await _write(records, new, by)
    return Imported(len(new), len(had))


def _placed(known: Sequence[Named], tasks: Tasks, faults: list[Fault]) -> list[Placed]:
    """Return the visits with their tasks; what has none, or stands there twice, is a fault."""
    placed: list[Placed] = []
    seen: dict[Any, int] = {}
    for made, customer in known:
        assert isinstance(made, Made)  # noqa: S101 as they came
        task = tasks.get((customer, made.visited_at.astimezone(CHINA).year))
        if task is None:
            faults.append(Fault(made.row, "visited_at", "那一年没有任务 · no task of that year"))
        elif (first := seen.setdefault((customer, made.visited_at), made.row)) != made.row:
            faults.append(Fault(made.row, "visited_at", f"与第 {first} 行重复 · as row {first}"))
        else:
            placed.append(Placed(task, made, _record(task["visit"], made)))
    return placed


async def _tasks(records: Records, customers: Sequence[str]) -> Tasks:
    rows = await records.rows(TASKS, customers=customers)
    return {(row["customer_id"], row["year"]): row for row in rows}


def _record(visit: UUID, made: Made) -> UUID:
    at = made.visited_at.astimezone(CHINA).isoformat()
    said = ("import", f"{visit}", at, made.method, made.result, made.reason)
    return uuid5(VISITS, "|".join(said))


async def _write(records: Records, new: Sequence[Placed], by: By) -> None:
    behind: Counter[UUID] = Counter()
    places = []
    for one in new:
        behind[one.task["visit"]] += 1
        places.append(behind[one.task["visit"]])
    values: dict[str, Any] = {
        "records": [one.record for one in new],
        "visits": [one.task["visit"] for one in new],
        "places": places,
        "moments": [one.made.visited_at for one in new],
        "methods": [one.made.method for one in new],
        "results": [one.made.result for one in new],
        "reasons": [one.made.reason for one in new],
    }
    who = {"broker": records.broker, "by": by.name, "at": by.at}
    await records.connection.execute(RECORD, {**who, **values})
    visits = {"broker": records.broker, "visits": sorted(behind)}
    await records.connection.execute(STATUS, visits)
