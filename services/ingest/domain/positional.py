"""按位置读 — CFMMC files have no header: what a column is, its place says, as of a version."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from services.ingest.domain.rows import Bad, BadRow, Good, Reading, Unreadable, code, lines
from services.ingest.domain.source import BOM, ByRow, Cells, Context

R = TypeVar("R")
OWNER = ("investor_id", "account_id")
"""What the CFMMC files call the account."""


class ColumnMap(NamedTuple):
    """Columns in order, as of a version of the format; lines may lack those after ``at_least``.

    A line may also have more columns than we know. One with fewer than ``at_least`` was cut short.
    ``needed``: no row is read without them. ``since``, ``until``: on the files of which trading
    days it is in force, both included; None: for ever.
    """

    version: str
    names: tuple[str, ...]
    at_least: int
    needed: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on a trading day."""
        return (self.since or day) <= day <= (self.until or day)

    def __str__(self) -> str:
        return f"{self.version} ({self.since or ''}–{self.until or ''})"


@dataclass(frozen=True, kw_only=True)
class Positional(ByRow[R]):
    """CFMMC: '@' between the columns, GB18030, no header."""

    columns: tuple[ColumnMap, ...]

    def columns_on(self, day: date | None) -> ColumnMap:
        """Return the columns in force on a trading day; raises ``Unreadable`` when none are."""
        if day is None:
            raise Unreadable("the name carries no day")
        if found := next((one for one in self.columns if one.holds_on(day)), None):
            return found
        known = ", ".join(map(str, self.columns))
        raise Unreadable(f"no columns of {self.name} are known for {day}: only {known}")

    def parse(self, data: bytes, context: Context) -> Reading[R]:
        """Read every line; raises ``Unreadable`` when there is none, yet there must be."""
        columns = self.columns_on(context.day)
        good: list[Good[R]] = []
        bad: list[Bad] = []
        for number, raw in context.counted(lines(data.removeprefix(BOM))):
            cells: Cells = {}
            try:
                cells = self._cells(raw, columns)
                good.append(Good(number, raw, self.read(cells, context)))
            except BadRow as failure:
                bad.append(Bad(number, raw, str(failure), self._owner(cells)))
        if not good and not bad and not self.may_be_empty:
            raise Unreadable("the file is empty")
        return Reading(tuple(good), tuple(bad))

    @staticmethod
    def _owner(cells: Cells) -> str | None:
        """Return the account of a line that cannot be read otherwise."""
        with suppress(BadRow):
            return code(next((cells[name] for name in OWNER if name in cells), ""), "account")
        return None

    @staticmethod
    def _cells(raw: bytes, columns: ColumnMap) -> Cells:
        try:
            cells = raw.decode("gb18030").split("@")  # '@' may be half of a character: decode first
        except UnicodeDecodeError as failure:
            raise BadRow(f"byte {failure.start + 1}", "not GB18030") from None
        if len(cells) < columns.at_least:
            reason = f"{len(cells)} columns, at least {columns.at_least} expected"
            raise BadRow("line", reason)
        return dict(zip(columns.names, map(str.strip, cells), strict=False))
