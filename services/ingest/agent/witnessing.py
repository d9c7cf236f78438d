"""留痕 — who changed the directory, file, pull or command, in the change's own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from services.ingest.domain.books import Books
from shared.kernel.audit import Entry

FOLDER: Final = "folder:drop"
"""Who acts when a file was left in the drop folder."""

DIRECTORY: Final = frozenset(
    {
        "relations",
        "staff",
        "baselines",
        "agreements",
        "customer",
        "cuscode",
        "cusaccount",
    }
)
"""The handlers whose rows say who somebody is, and whose."""


class Change(NamedTuple):
    """What brought rows: ``trace_id`` finds it again, ``name`` holds no account."""

    actor: str
    handler: str
    trace_id: str
    name: str


async def witness(books: Books, at: datetime, change: Change, counts: Mapping[str, int]) -> None:
    """Write a change of the directory into the audit, with its counts; other rows are no change.

    To be called last: the audit is locked from here to the end of the transaction.
    """
    if change.handler not in DIRECTORY:
        return
    told = tuple(f"{result}:{count}" for result, count in counts.items())
    actor, handler, trace_id, name = change
    entry = Entry(at, actor, (), "directory.changed", handler, trace_id, told, name)
    await books.audit.write(entry)
