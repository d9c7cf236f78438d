"""来源 — a profile as a kind of dropped file, beside those of the catalogue."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.profiles.profile import Profile, Shape
from services.ingest.domain.rows import BadRow, Reading, Unreadable, code, lines
from services.ingest.domain.source import Context, Row, Tabular
from services.ingest.domain.sources import catalogue
from shared.contracts.topics import ACCOUNT

BOM = b"\xef\xbb\xbf"
AFTER_THE_REST = 20
"""In the order of taking, behind the files of the catalogue."""
LAST = ("positions-of-day", "balances")
"""What a day came to is taken after what it came from, the balances last: as ``cusfund`` is."""


@dataclass(frozen=True, kw_only=True)
class Profiled(Tabular[Any]):
    """A file that a profile describes. Its bad lines are sealed: who knows what stands in them."""

    profile: Profile
    shape: Shape

    @property
    def handler(self) -> str:
        return self.profile.takes

    def parse(self, data: bytes, context: Context) -> Reading[Any]:
        """Read text; raises ``Unreadable`` without a usable header."""
        return self.tabulate(self._rows(data.removeprefix(BOM)), context)

    def tabulate(self, rows: Iterable[Row], context: Context) -> Reading[Any]:
        """Read rows of cells from the header's line on, without those that are to be ignored."""
        found = (row for row in rows if row.line >= self.shape.header_row)
        return super().tabulate(self._kept(found), context)

    def _whose(self, row: Row, header: Sequence[str]) -> str | None:
        with suppress(BadRow, KeyError):
            column = self.profile.columns["account"]
            text = row.under(header)[column.column.strip().lower()]
            return code(column.values.get(text, text), "account")
        return None

    def _kept(self, rows: Iterable[Row]) -> Iterator[Row]:
        header: list[str] | None = None
        for row in rows:
            if header is None:
                header = [cell.strip().lower() for cell in row.cells]
                if row.line != self.shape.header_row:
                    raise Unreadable(f"line {self.shape.header_row}, the header, is empty")
            elif self._ignored(header, row):
                continue
            yield row

    def _ignored(self, header: list[str], row: Row) -> bool:
        cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=False))
        ignore = self.shape.ignore.items()
        return any(cells.get(name.strip().lower(), "") in words for name, words in ignore)

    def _rows(self, data: bytes) -> Iterator[Row]:
        encoding = self._encoding(data)
        for number, raw in lines(data):
            try:
                text = raw.decode(encoding)
                yield Row(number, raw, next(self._cells(text)))
            except UnicodeDecodeError as failure:
                yield Row(number, raw, (), f"byte {failure.start + 1} is not {failure.encoding}")
            except csv.Error:
                yield Row(number, raw, (), "not CSV: a quote is not closed on its line")

    def _cells(self, text: str) -> Iterator[list[str]]:
        return csv.reader([text], delimiter=self.shape.separator, strict=True)

    def _encoding(self, data: bytes) -> str:
        if self.shape.encoding != "auto":
            return self.shape.encoding
        try:
            data.decode()
        except UnicodeDecodeError:
            return "gb18030"
        return "utf-8"


def source_of(profile: Profile, broker: str) -> Profiled | None:
    """Return the kind of file that a profile describes; None: it is for queries alone."""
    if profile.file is None:
        return None
    mapper = Mapper(profile, broker)
    columns = {column.column.strip().lower() for column in profile.columns.values()} - {""}
    known = catalogue().get(profile.takes) if profile.takes in DIRECTORY else None
    return Profiled(
        name=profile.name,
        order=known.order if known else AFTER_THE_REST + _behind(profile.takes),
        topic=known.topic if known else ACCOUNT,
        pattern=profile.file.pattern(),
        read=mapper.read,
        dated=profile.kind.of_a_day,
        personal=True,
        may_be_empty=True,
        required=frozenset(columns),
        profile=profile,
        shape=profile.file,
    )


def _behind(takes: str) -> int:
    return LAST.index(takes) + 1 if takes in LAST else 0


def sources_of(profiles: Iterable[Profile], broker: str) -> tuple[Profiled, ...]:
    """Return the kinds of files that profiles describe."""
    found = (source_of(profile, broker) for profile in profiles)
    return tuple(source for source in found if source)
