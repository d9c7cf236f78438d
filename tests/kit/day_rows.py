"""The rows of a day's files as a dict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.books import FileRecord
from services.ingest.domain.day_rows import Kept, unread
from services.ingest.domain.tally import Sums

Rows = dict[tuple[date, str], dict[str, Kept]]


@dataclass(frozen=True)
class FakeDayRows:
    """See ``domain.day_rows.DayRows``; ``files``: those taken so far."""

    rows: Rows
    files: Sequence[FileRecord]

    async def of(
        self, day: date, kind: str, names: Sequence[str] | None = None
    ) -> Mapping[str, str]:
        known = self.rows.get((day, kind), {})
        return {n: row.content for n, row in known.items() if names is None or n in names}

    async def write(self, day: date, kind: str, rows: Sequence[Kept]) -> None:
        self.rows.setdefault((day, kind), {}).update({row.name: row for row in rows})

    async def forget(self, day: date, kind: str, names: Sequence[str]) -> None:
        for name in names:
            del self.rows[day, kind][name]

    async def sums(self, day: date, kinds: Sequence[str]) -> Sums:
        sums: dict[str, tuple[int, int]] = {}
        for kind in kinds:
            for row in self.rows.get((day, kind), {}).values():
                lots, fee = sums.get(row.account, (0, 0))
                sums[row.account] = (lots + row.lots, fee + row.fee)
        return sums

    async def held_before(self, day: date, kind: str) -> set[str]:
        earlier = (f.day for f in self.files if f.kind == kind and f.day and f.day < day)
        newest = max(earlier, default=None)
        if newest is None:
            return set()
        held = {row.account for row in self.rows.get((newest, kind), {}).values() if row.lots}
        return held | self.rows.get((newest, unread(kind)), {}).keys()
