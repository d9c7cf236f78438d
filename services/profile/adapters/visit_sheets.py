"""A sheet's rows as text, from CSV (UTF-8, GB18030) or from the first sheet of a workbook.

A cell with a formula comes as its formula: what it was worked out to is nobody's word.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from xml.etree import ElementTree as Xml

from python_calamine import CalamineError, CalamineWorkbook

from services.profile.domain.visit_files import Line

LARGEST_UNPACKED = 64 * 1024 * 1024  # bytes; a workbook of 20,000 visits has some five million
MOST_ROWS = 20_000
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Unreadable(ValueError):
    """The file as a whole cannot be read."""


def csv_lines(data: bytes) -> Sequence[Line]:
    """Return the rows of a CSV file; raises ``Unreadable``."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            return _few(
                [Line(n, row) for n, row in enumerate(csv.reader(io.StringIO(text)), 1)],
            )
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise Unreadable(f"不是 CSV · not a CSV file: {error}") from None
    raise Unreadable("不是 UTF-8，也不是 GB18030 · neither UTF-8 nor GB18030")


def xlsx_lines(data: bytes) -> Sequence[Line]:
    """Return the rows of the first sheet; raises ``Unreadable``."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise Unreadable("展开后太大 · too large unpacked")
            formulas = dict(_formulas(packed))
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, Xml.ParseError, KeyError, IndexError) as error:
        raise Unreadable(f"不是 Excel 工作簿 · not a workbook: {type(error).__name__}") from None
    return _few(
        [
            Line(n, [formulas.get(f"{_column(m)}{n}") or _text(c) for m, c in enumerate(row)])
            for n, row in enumerate(rows, 1)
        ]
    )


def _few(lines: Sequence[Line]) -> Sequence[Line]:
    if len(lines) > MOST_ROWS:
        raise Unreadable(f"最多 {MOST_ROWS} 行 · too many rows")
    return lines


def _formulas(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield where the first sheet has formulas, and which."""
    first = Xml.fromstring(packed.read("xl/workbook.xml")).find(f"{MAIN}sheets/{MAIN}sheet")  # noqa: S314 of a limited size, and expat resolves no entity
    related = Xml.fromstring(packed.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 as above
    targets = {
        one.get("Id"): one.get("Target", "") for one in related.iter(f"{PACKAGE}Relationship")
    }
    name = targets[first.get(f"{OFFICE}id") if first is not None else None]
    path = name.lstrip("/") if name.startswith("/") else f"xl/{name}"
    for cell in Xml.fromstring(packed.read(path)).iter(f"{MAIN}c"):  # noqa: S314 as above
        formula = cell.find(f"{MAIN}f")
        if formula is not None:
            yield cell.get("r", ""), f"={formula.text or ''}"


def _column(place: int) -> str:
    """Return a column's letters.

    >>> _column(0), _column(25), _column(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _text(cell: object) -> str:
    """Return the cell as a person would write it: 80012345, not 80012345.0."""
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time(0):
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


LINES: Mapping[str, Callable[[bytes], Sequence[Line]]] = {
    "text/csv": csv_lines,
    BOOK: xlsx_lines,
}
"""Media type → what reads it."""
