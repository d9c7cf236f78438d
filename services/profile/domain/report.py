"""报表 — what a report is: its columns with their units, and the figures of a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from shared.kernel.money import from_li


class Unit(StrEnum):
    """What a figure is counted in; ``TEXT`` is none."""

    YUAN = "元"
    CLIENTS = "户"
    ACCOUNTS = "个"
    LOTS = "手"
    TIMES = "次"
    DAYS = "天"
    SHARE = "%"
    TEXT = ""

    @property
    def counted(self) -> bool:
        return self is not Unit.TEXT


@dataclass(frozen=True)
class Column:
    """A figure: its name in SQL and JSON, its Chinese title, what it is counted in."""

    name: str
    title: str
    unit: Unit

    @property
    def heading(self) -> str:
        return f"{self.title}（{self.unit}）" if self.unit.counted else self.title


@dataclass(frozen=True)
class Form:
    """One kind of report. ``upright``: a single row, read from top to bottom.

    ``statement`` asks for its rows, in the order shown; money in it is 厘, a share a fraction.
    ``notes``: what a reader must know, such as what has no source.
    """

    title: str
    columns: Sequence[Column]
    statement: str
    upright: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Figures:
    """A report's rows for a period and a scope, by the names of the form's columns.

    ``through``: the last closed day that is counted; None: no day of the period is closed.
    ``unclosed``: how many trading days of the period are not closed.
    """

    kind: str
    form: Form
    period: str
    scope: str
    through: date | None
    unclosed: int
    rows: Sequence[Mapping[str, Any]]

    @property
    def title(self) -> str:
        whose = self.scope or "可见范围"
        return f"{self.form.title} {self.period} {whose}{'' if self.complete else '（未完）'}"

    @property
    def complete(self) -> bool:
        return not self.unclosed

    @property
    def status(self) -> str:
        if self.complete:
            return f"已完整，至 {self.through}"
        return f"未完：{self.unclosed} 个交易日未收盘，算到 {self.through or '（没有一天收盘）'}"

    def with_rows(self, rows: Sequence[Mapping[str, Any]]) -> Self:
        return replace(self, rows=rows)


def value(column: Column, found: Any) -> Any:
    """Return a figure of SQL as a person counts it: 厘 become yuan, a share four places.

    >>> value(Column("equity", "权益", Unit.YUAN), 12345678)
    Decimal('12345.678')
    """
    if found is None or not column.unit.counted:
        return found
    if column.unit is Unit.YUAN:
        return from_li(int(found))
    return Decimal(found) if column.unit is Unit.SHARE else int(found)
