"""回访的文件 — what a sheet of visits or of clients says, row by row, and what is wrong with it.

Pure: a sheet is rows of text, the first of them the headings. Nothing is guessed: a column that is
not known, a formula, a day that cannot be is named with its row, and then nothing of it is taken.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from services.profile.domain import visit_cells as cells
from services.profile.domain.visit_cells import METHODS, RESULTS, Column, Wrong, value_of


class Line(NamedTuple):
    """A row of a sheet: its number as a spreadsheet counts, and its cells."""

    number: int
    cells: Sequence[str]


class Fault(NamedTuple):
    """What is wrong, and where; the cell itself is not repeated: it may name somebody."""

    row: int
    column: str
    wrong: str


@dataclass(frozen=True)
class Client:
    """Whose row it is: by the client's number or by an account, whichever stands there."""

    row: int
    customer_id: str = ""
    account: str = ""


@dataclass(frozen=True, kw_only=True)
class Made(Client):
    """A visit that was made."""

    visited_at: datetime
    method: str
    result: str
    reason: str = ""


@dataclass(frozen=True)
class Sheet:
    """What a file says: its rows, or its faults."""

    rows: Sequence[Client] = ()
    faults: Sequence[Fault] = field(default_factory=tuple)


WHO: Mapping[str, Column] = {
    "customer_id": Column("客户号", cells.code, needed=False),
    "account": Column("资金账号", cells.code, needed=False),
}
MADE: Mapping[str, Column] = {
    **WHO,
    "visited_at": Column("回访时间", cells.moment),
    "method": Column("方式", METHODS),
    "result": Column("结果", RESULTS),
    "reason": Column("原因", cells.words, needed=False),
}


def clients(lines: Iterable[Line], now: datetime) -> Sheet:
    """Return the clients of a list."""
    return _sheet(lines, WHO, now, _client)


def visits(lines: Iterable[Line], now: datetime) -> Sheet:
    """Return the visits that were made, the first first; 失败 and 其他 say why."""
    found = _sheet(lines, MADE, now, _made)
    rows = sorted((row for row in found.rows if isinstance(row, Made)), key=lambda r: r.visited_at)
    return Sheet(rows, found.faults)


def _client(row: int, said: Mapping[str, object]) -> Client:
    return Client(row, **_texts(said))


def _made(row: int, said: Mapping[str, object]) -> Made:
    if said["result"] != "succeeded" and not said.get("reason"):
        raise Wrong("失败和其他要写原因 · failed and other say why")
    at = said["visited_at"]
    assert isinstance(at, datetime)  # noqa: S101 as its column reads it
    return Made(row, **_texts(said), visited_at=at)


def _texts(said: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in said.items() if isinstance(value, str)}


def _sheet(
    lines: Iterable[Line],
    columns: Mapping[str, Column],
    now: datetime,
    build: Callable[[int, Mapping[str, object]], Client],
) -> Sheet:
    told = [line for line in lines if any(cell.strip() for cell in line.cells)]
    head, *body = told or [Line(1, ())]
    names, faults = _headings(head, columns)
    if faults:
        return Sheet(faults=faults)
    rows: list[Client] = []
    for line in body:
        said, wrong = _row(line, names, columns, now)
        if not wrong:
            try:
                rows.append(build(line.number, said))
            except Wrong as fault:
                wrong = [Fault(line.number, "reason", f"{fault}")]
        faults += wrong
    if not body:
        faults.append(Fault(head.number, "", "没有一行 · no rows"))
    return Sheet(rows if not faults else (), faults)


def _headings(head: Line, columns: Mapping[str, Column]) -> tuple[list[str], list[Fault]]:
    known = {column.heading: name for name, column in columns.items()} | {n: n for n in columns}
    cells = [cell.strip() for cell in head.cells]
    names = [known.get(cell, "") for cell in cells]
    faults = [
        Fault(head.number, f"{place}", "没有这一列 · no such column")
        for place, name in enumerate(names, 1)
        if not name
    ]
    faults += [
        Fault(head.number, name, "这一列有两次 · a column that stands there twice")
        for name in sorted({name for name in names if name and names.count(name) > 1})
    ]
    missing = [name for name, column in columns.items() if column.needed and name not in names]
    faults += [Fault(head.number, name, "缺这一列 · a column is missing") for name in missing]
    if not set(WHO) & set(names):
        faults.append(Fault(head.number, "customer_id", "缺客户号或资金账号 · no client's column"))
    return names, faults


def _row(
    line: Line, names: Sequence[str], columns: Mapping[str, Column], now: datetime
) -> tuple[dict[str, object], list[Fault]]:
    said: dict[str, object] = {}
    faults = [Fault(line.number, "", "列太多 · more cells than columns")] * any(
        cell.strip() for cell in line.cells[len(names) :]
    )
    for name, cell in zip(names, [*line.cells, *[""] * len(names)], strict=False):
        try:
            if (value := value_of(cell, columns[name], now)) is not None:
                said[name] = value
        except Wrong as wrong:
            faults.append(Fault(line.number, name, f"{wrong}"))
    if not faults and not set(WHO) & said.keys():
        faults.append(Fault(line.number, "customer_id", "不知道是谁 · no client"))
    return said, faults
