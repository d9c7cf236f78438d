"""导入客户名单 — a list of clients to visit, landed as a batch of its own."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, text

from services.profile.adapters.records import Records
from services.profile.adapters.visit_generating import LOCK, counted
from services.profile.adapters.visit_landing import known, land
from services.profile.adapters.visit_naming import By, Imported, Named, named
from services.profile.domain.visit_draw import LISTED, Selection, Tally, merge
from services.profile.domain.visit_files import Client, Fault

THERE = "SELECT batch FROM visit_batches WHERE broker = :broker AND batch = :batch"
BATCH = text(
    """
    INSERT INTO visit_batches (broker, batch, year, trading_day, seed, rules, status, seen, total,
        clients, tallies, selected, opened, joined, generated_by, generated_at, started_at,
        finished_at)
    VALUES (:broker, :batch, :year, :day, '', '{}', 'done', :clients, :clients, :clients,
        CAST(:tallies AS jsonb), :clients, :opened, :joined, :by, :at, :at, :at)
    """
)


async def bring_clients(records: Records, rows: Sequence[Client], day: date, by: By) -> Imported:
    """Land a list of clients: a task each, or one more reason in the one that is open.

    The same clients on the same day are the same batch.
    """
    await records.connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
    found, faults = await named(records, rows, by.scope)
    faults += _twice(found)
    if faults:
        return Imported(faults=sorted(faults))
    customers = sorted(one.customer_id for one in found)
    listed = hashlib.sha256("|".join(customers).encode()).hexdigest()
    row = {"broker": records.broker, "batch": f"MD{day:%Y%m%d}-{listed[:12]}", "year": day.year}
    if await records.rows(THERE, batch=row["batch"]):
        return Imported(held=len(customers), batch=f"{row['batch']}")
    before = await known(records.connection, records.broker, day.year)
    reasons = dict.fromkeys(customers, (LISTED,))
    selection = Selection(reasons, {LISTED: Tally(len(customers))}, len(customers))
    tasks = merge(selection, before)
    said = counted(selection, before, tasks)
    told = {**said, "tallies": json.dumps(said["tallies"])}
    await records.connection.execute(BATCH, {**row, **told, "day": day, "by": by.name, "at": by.at})
    await land(records.connection, row, tasks)
    return Imported(len(tasks), len(customers) - len(tasks), batch=f"{row['batch']}")


def _twice(found: Sequence[Named]) -> list[Fault]:
    seen: dict[str, int] = {}
    faults = []
    for row, customer in found:
        first = seen.setdefault(customer, row.row)
        if first != row.row:
            faults.append(Fault(row.row, "customer_id", f"与第 {first} 行重复 · as row {first}"))
    return faults
