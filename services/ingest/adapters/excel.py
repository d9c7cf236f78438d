"""A table's rows, whether it came as CSV or as a sheet of an Excel workbook (the first one)."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from services.ingest.domain.naming import Named
from services.ingest.domain.profiles.source import Profiled
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context, Row, Tabular


def parse(named: Named, data: bytes, context: Context) -> Reading[Any]:
    """Read a dropped file's rows; raises ``Unreadable``."""
    source = named.source
    if isinstance(source, Profiled) and named.name.endswith(".xlsx"):
        return source.tabulate(_sheet(data, source.shape.sheet, _to_the_second), context)
    if isinstance(source, Tabular) and named.name.endswith(".xlsx"):
        return source.tabulate(_sheet(data), context)
    return source.parse(data, context)


def _sheet(
    data: bytes, sheet: str | int = 1, text: Callable[[object], str] | None = None
) -> Iterator[Row]:
    """Yield a sheet's rows, by its name or its number from 1."""
    if not data:
        raise Unreadable("the file is empty")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = (
            book.get_sheet_by_index(sheet - 1)
            if isinstance(sheet, int)
            else book.get_sheet_by_name(sheet)
        )
        rows = found.to_python(skip_empty_area=False)
    except WorksheetNotFound:
        raise Unreadable(f"no sheet {sheet!r} in the workbook") from None
    except (CalamineError, OSError, IndexError, ValueError) as failure:
        raise Unreadable(f"not an Excel workbook: {type(failure).__name__}") from None
    for number, cells in enumerate(rows, 1):
        texts = [(text or _text)(cell) for cell in cells]
        if any(texts):
            yield Row(number, _as_csv(texts), texts)


def _text(cell: object) -> str:
    """Return the cell as a person would write it: 80012345, not 80012345.0."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case float():  # a computed cell has 15 digits, as Excel says: 0.3, not 0.30000000000000004
            return f"{Decimal(f'{cell:.15g}'):f}"
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell).strip()


def _to_the_second(cell: object) -> str:
    """Return the cell as text, with the time of a moment that has one."""
    match cell:
        case datetime() if cell.time() != time(0):
            return cell.isoformat(" ")
        case time() | timedelta():
            return str(cell)
        case _:
            return _text(cell)


def _as_csv(texts: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue().encode()
