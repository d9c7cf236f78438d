"""表格 — one line of a table: its header, a row, the English beside the header, or its total."""

import re

from services.ingest.domain.statements.drafts import Draft, Page
from services.ingest.domain.statements.text import Line, cells, figure

_TOTAL = re.compile(r"共\s*(\d+)\s*条?")
_NAME = re.compile(r"[^一-鿿/]")
_DIGIT = re.compile(r"\d")
LEAST_NAMES = 2  # cells that are column names make a line a header


def fill(draft: Draft, line: Line) -> None:
    """Add a line to the table that is open; a table that is not known is not read."""
    page = draft.page()
    if page is None:
        return
    found = cells(line.text)
    total, names = _TOTAL.match(found[0]), _names(page, found)
    if total:
        _close(draft, page, line, int(total[1]))
    elif sum(map(bool, names)) >= LEAST_NAMES:
        _head(draft, page, line, names)
    elif _DIGIT.search(line.text):
        _row(draft, page, line, found)


def _names(page: Page, found: tuple[str, ...]) -> tuple[str, ...]:
    """Return our names of the columns, as far as the cells are headers."""
    return tuple(page.table.column(_NAME.sub("", cell).strip("/")) for cell in found)


def _head(draft: Draft, page: Page, line: Line, names: tuple[str, ...]) -> None:
    missing = sorted(page.table.required - set(names))
    page.header = () if missing else names
    if missing:
        draft.spoil(draft.open, line, f"the header lacks {'、'.join(missing)}")


def _row(draft: Draft, page: Page, line: Line, found: tuple[str, ...]) -> None:
    reason = ""
    if not page.header:
        reason = "line: above it there is no usable header"
    elif len(found) != len(page.header):
        reason = f"line: {len(found)} cells under {len(page.header)} columns"
    if reason:
        page.lost += 1
        draft.spoil(draft.open, line, reason)
    else:
        named = zip(page.header, found, strict=True)
        page.rows.append((line, {name: figure(cell) for name, cell in named if name}))


def _close(draft: Draft, page: Page, line: Line, count: int) -> None:
    page.closed = True
    there = len(page.rows) + page.lost
    if there != count:
        draft.spoil(draft.open, line, f"共 {count} 条: {there} rows are there")
    draft.open = ""
