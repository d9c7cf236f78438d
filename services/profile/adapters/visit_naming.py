"""谁的行 — whose the rows of a file are, and what came of bringing it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from services.profile.domain.visit_files import Client, Fault
from shared.web.organisation import RowScope

WHOSE = """
SELECT DISTINCT r.customer_id, r.account FROM relations r
WHERE r.broker = :broker AND (r.customer_id = ANY (CAST(:customers AS text[]))
    OR r.account = ANY (CAST(:accounts AS text[]))) AND {reached}
"""


class Imported(NamedTuple):
    """What a file comes to: ``new`` rows are written, ``held`` were there; or its faults."""

    new: int = 0
    held: int = 0
    faults: Sequence[Fault] = ()
    batch: str | None = None


class By(NamedTuple):
    """Who brings a file, how far this one reaches, and when."""

    name: str
    scope: RowScope
    at: datetime


class Named(NamedTuple):
    """A row and whose it is."""

    row: Client
    customer_id: str


async def named(
    records: Records, rows: Sequence[Client], scope: RowScope
) -> tuple[list[Named], list[Fault]]:
    """Return whose the rows are; who is out of reach is as unknown as who is nobody."""
    reached = within(scope)
    asked = {
        "customers": [row.customer_id for row in rows if row.customer_id],
        "accounts": [row.account for row in rows if row.account],
    }
    found = await records.rows(WHOSE.format(reached=reached.sql), **reached.values, **asked)
    clients = {one["customer_id"] for one in found}
    owners: dict[str, set[str]] = {}
    for one in found:
        owners.setdefault(one["account"], set()).add(one["customer_id"])
    known, faults = [], []
    for row in rows:
        of = owners.get(row.account, set()) if row.account else clients
        mine = of & {row.customer_id} if row.customer_id else of
        if len(mine) == 1:
            known.append(Named(row, next(iter(mine))))
        else:
            column = "account" if row.account else "customer_id"
            faults.append(Fault(row.row, column, "没有这个客户 · no such client"))
    return known, faults
