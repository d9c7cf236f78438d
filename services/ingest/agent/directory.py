"""名录推送 — rows of the directory files over HTTP: the files' own checks, the files' own handlers.

What a batch does not name stays as it is, as in a file; nothing of it is kept but what it changed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from services.ingest.agent.edition import count_rows
from services.ingest.agent.taking import HANDLERS, Intake
from services.ingest.domain.rows import Bad, BadRow, Good, Reading
from services.ingest.domain.source import Cells, Context, Tabular
from services.ingest.domain.sources import catalogue
from shared.kernel.audit import Entry as Audited

Kind = Literal["relations", "staff", "baselines", "agreements"]
Result = Literal["accepted", "unchanged", "refused"]
MOST_ROWS = 1000
MOST_COLUMNS = 64


@dataclass(frozen=True)
class Judged:
    """What became of one row, by its index in the batch."""

    row: int
    result: Result
    place: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What became of a batch, row by row; returned only once everything good is durable."""

    rows: tuple[Judged, ...]
    facts: int

    def count(self, result: Result) -> int:
        """Return how many rows have a result."""
        return sum(judged.result == result for judged in self.rows)

    @property
    def counts(self) -> tuple[str, ...]:
        """Return how many rows have each result, as the audit says it."""
        return tuple(f"{result}:{self.count(result)}" for result in get_args(Result))


@dataclass(frozen=True)
class DirectoryPosting:
    """Takes batches of rows; ``intake`` takes the files."""

    intake: Intake

    async def take(
        self, kind: Kind, rows: Sequence[Mapping[str, object]], look: Audited | None = None
    ) -> Judgement:
        """Store what is new; raises ``StoresAway``, and ``Unreadable`` past the calendar's end.

        ``look``: what the audit says of it, in the same transaction, with the counts.
        """
        intake, source = self.intake, catalogue()[kind]
        assert isinstance(source, Tabular)  # noqa: S101 the four kinds are
        reading = await asyncio.to_thread(read, source, rows, Context(intake.calendar, None))
        async with intake.open_books() as books:
            await books.files.hold()
            taking = await intake.taking(books, None, version=1)
            found = await HANDLERS[kind](books, taking, reading.good)
            judgement = Judgement(_judged(reading, found.changed), found.stored.total())
            if look:
                await books.audit.write(replace(look, fields=judgement.counts))
        count_rows(found.stored, len(reading.bad))
        return judgement


def read(
    source: Tabular[Any], rows: Sequence[Mapping[str, object]], context: Context
) -> Reading[Any]:
    """Read JSON rows as the source reads a file's; lines count from 0, as the batch does."""
    good: list[Good[Any]] = []
    bad: list[Bad] = []
    for index, row in enumerate(rows):
        try:
            good.append(Good(index, b"", source.read(cells(row, source.required), context)))
        except BadRow as failure:
            bad.append(Bad(index, b"", str(failure)))
    return Reading(tuple(good), tuple(bad))


def cells(row: Mapping[str, object], required: frozenset[str]) -> Cells:
    """Return a JSON row as a file's cells: text or whole numbers, null for an empty one.

    >>> cells({"Account": 80012345, "kind": " 交返 ", "ends_on": None}, frozenset({"account"}))
    {'account': '80012345', 'kind': '交返', 'ends_on': ''}
    """
    if len(row) > MOST_COLUMNS:
        raise BadRow("row", f"more than {MOST_COLUMNS} columns")
    made: dict[str, str] = {}
    for column, value in row.items():
        name = column.strip().lower()
        if name in made:
            raise BadRow(name[:40], "twice")
        made[name] = _text(name, value)
    if missing := sorted(required - made.keys()):
        raise BadRow(missing[0], "missing")
    return made


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            raise BadRow(name[:40], "text, a whole number or null expected")


def _judged(reading: Reading[Any], changed: set[int]) -> tuple[Judged, ...]:
    """Of several rows on one thing the last holds; those before it come out unchanged."""
    judged = [
        Judged(good.line, "accepted" if good.line in changed else "unchanged")
        for good in reading.good
    ]
    for bad in reading.bad:
        place, _, reason = bad.reason.partition(": ")
        judged.append(Judged(bad.line, "refused", place, reason))
    return tuple(sorted(judged, key=lambda one: one.row))
