"""A directory file's rows, whether it came as CSV or as an Excel workbook (its first sheet)."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from services.ingest.domain.naming import Named
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context, Row, Tabular


def parse(named: Named, data: bytes, context: Context) -> Reading[Any]:
    """Read a dropped file's rows; raises ``Unreadable``."""
    source = named.source
    if isinstance(source, Tabular) and named.name.endswith(".xlsx"):
        return source.tabulate(_sheet(data), context)
    return source.parse(data, context)


def _sheet(data: bytes) -> Iterator[Row]:
    if not data:
        raise Unreadable("the file is empty")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, ValueError) as failure:
        raise Unreadable(f"not an Excel workbook: {type(failure).__name__}") from None
    for number, cells in enumerate(rows, 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield Row(number, _as_csv(texts), texts)


def _text(cell: object) -> str:
    """Return the cell as a person would write it: 80012345, not 80012345.0."""
    match cell:
        case bool():
            return str(cell).lower()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case None:
            return ""
        case _:
            return str(cell).strip()


def _as_csv(texts: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue().encode()
