"""配置文件 — the form of a profile, checked when it is read: an unknown key is a mistake."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from services.ingest.domain.profiles.fields import KINDS, Form, Kind
from services.ingest.domain.sources import catalogue

UNITS = {"元": 0, "千元": 3, "万元": 4, "百万元": 6, "亿元": 8, "角": -1, "分": -2, "厘": -3}
"""A unit as a power of ten of 元."""


def _text(value: object) -> object:
    """YAML reads 1 and 2.50 as numbers: what stands in a cell is text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


CellText = Annotated[str, BeforeValidator(_text)]


class Part(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Column(Part):
    """Where a field comes from: a column, or one ``value`` for every row.

    ``values``: what a cell says → what it means. ``format``: of a day or moment, as
    ``yyyyMMdd HH:mm:ss``. ``positive``: what an amount above zero is, when no column says so.
    """

    column: str = ""
    value: CellText = ""
    values: dict[CellText, str] = {}
    unit: Literal["元", "千元", "万元", "百万元", "亿元", "角", "分", "厘"] = "元"
    format: str = Field(default="", pattern=r"^[yMdHhmsS年月日时分秒\-/:. T]*$")
    positive: Literal["deposit", "withdrawal"] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.column) == bool(self.value):
            raise ValueError("either column or value")
        return self


class Shape(Part):
    """How the file looks. ``name``: ``*`` is any text, ``{day}`` the trading day as yyyymmdd.

    ``sheet``: of a workbook, its name or number from 1. ``header_row``: the line of the column
    names, from 1. ``ignore``: rows that are none, by a column and what it then holds (合计).
    """

    name: str = Field(min_length=5, pattern=r"\.(csv|txt|xlsx)$")
    encoding: Literal["auto", "utf-8", "gb18030"] = "auto"
    separator: Literal[",", "\t", ";", "|", "@"] = ","
    sheet: str | PositiveInt = 1
    header_row: PositiveInt = 1
    ignore: dict[str, list[CellText]] = {}

    def pattern(self) -> re.Pattern[str]:
        """Return what matches the file's name.

        >>> bool(Shape(name="资金流水_{day}*.csv").pattern().fullmatch("资金流水_20260601-1.csv"))
        True
        """
        escaped = re.escape(self.name).replace(r"\*", ".*")
        return re.compile(escaped.replace(r"\{day\}", r"(?P<day>\d{8})"))


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class Profile(Part):
    """One profile. ``columns``: our field → where it comes from."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,31}$")
    title: str = ""
    takes: Literal[
        "funds",
        "funds-of-day",
        "snapshots",
        "balances",
        "executions",
        "trades",
        "trades-of-day",
        "holdings",
        "positions-of-day",
        "forced-orders",
        "relations",
        "staff",
        "baselines",
        "agreements",
    ]
    file: Shape | None = None
    empty: list[CellText] = Field(default=["", "-", "--"], description="cells that say nothing")
    columns: dict[str, Annotated[Column, BeforeValidator(_column)]]

    @property
    def kind(self) -> Kind:
        return KINDS[self.takes]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for complaint in (*_missing(self), *_misplaced(self), *_funds(self), *_file(self)):
            raise ValueError(complaint)
        return self


def _missing(profile: Profile) -> list[str]:
    kind = profile.kind
    unknown = [name for name in profile.columns if name not in kind.fields and not kind.tags]
    if unknown:
        fields = ", ".join(kind.fields)
        return [f"columns.{unknown[0]}: {profile.takes} has no such field; it has {fields}"]
    needed = [name for name, field in kind.fields.items() if field.required]
    return [f"columns.{name}: required" for name in needed if name not in profile.columns]


def _misplaced(profile: Profile) -> list[str]:
    """Say what an option does on a field that it cannot change."""
    allowed = {
        "unit": (Form.MONEY,),
        "format": (Form.DAY, Form.MOMENT),
        "positive": (Form.MONEY,),
    }
    wrong: list[str] = []
    for name, column in profile.columns.items():
        field = profile.kind.fields.get(name)
        form = field.form if field else Form.TEXT
        set_ = column.model_fields_set & allowed.keys()
        wrong += [f"columns.{name}.{o}: not for {form}" for o in set_ if form not in allowed[o]]
        if field and field.words and column.values:
            meant = set(map(str, field.words.values())) | {str(word) for word in field.words}
            strange = sorted(set(column.values.values()) - meant)
            wrong += [f"columns.{name}.values: {word} is no {name}" for word in strange]
    return wrong


def _funds(profile: Profile) -> list[str]:
    """A movement needs a direction, and one that is told by itself needs its own number."""
    columns = profile.columns
    if not profile.takes.startswith("funds"):
        return []
    if "serial" not in columns and profile.kind.live:
        return ["columns.serial: required, or take funds-of-day: a movement needs its own number"]
    if "amount" not in columns:
        both = {"deposit", "withdrawal"} <= columns.keys()
        return [] if both else ["columns.amount: required, or both deposit and withdrawal"]
    signed = columns["amount"].positive is not None
    if signed == ("direction" in columns):
        return ["columns.amount.positive: either it or columns.direction says what the amount is"]
    return []


def _file(profile: Profile) -> list[str]:
    """Files of a trading day are told apart, and replaced, by the day in their names."""
    if profile.name in catalogue():
        return [f"name: {profile.name} is a kind of file that needs no profile"]
    if profile.file and profile.kind.of_a_day and "{day}" not in profile.file.name:
        return [f"file.name: {{day}} is required for {profile.takes}"]
    return []
