"""留痕 — who changed the directory, or loaded history, in the change's own transaction."""

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
    """What brought rows: ``trace_id`` finds it again, ``name`` holds no account.

    ``history``: whether they are of days that are over, loaded by hand.
    """

    actor: str
    handler: str
    trace_id: str
    name: str
    history: bool = False


async def witness(books: Books, at: datetime, change: Change, counts: Mapping[str, int]) -> None:
    """Write a change of the directory, or loaded history, into the audit, with its counts.

    Other rows are no change.

    To be called last: the audit is locked from here to the end of the transaction.
    """
    if change.handler not in DIRECTORY and not change.history:
        return
    told = tuple(f"{result}:{count}" for result, count in counts.items())
    action = "history.loaded" if change.history else "directory.changed"
    entry = Entry(at, change.actor, (), action, change.handler, change.trace_id, told, change.name)
    await books.audit.write(entry)
