"""What a report looks like as JSON."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.profile.domain.report import Figures


def _plain(found: Any) -> Any:
    return f"{found:f}" if isinstance(found, Decimal) else found


Figure = Annotated[Decimal | int | str | None, PlainSerializer(_plain, when_used="json")]
"""Money (元) and shares are strings, counts are numbers; null: nobody says."""


class ColumnView(BaseModel):
    """A figure of the rows. ``unit``: 元, 户, 个, 手, 次, 天, %, or none; 25 % is 0.25."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    name: str
    title: str
    unit: str


class ReportView(BaseModel):
    """报表. ``through``: the last closed day that is counted; ``unclosed``: days that are not."""

    model_config = ConfigDict(frozen=True)

    kind: str
    title: str
    period: str
    scope: str = Field(description="empty: all that is within reach")
    complete: bool
    through: date | None
    unclosed: int
    columns: list[ColumnView]
    rows: list[dict[str, Figure]]
    notes: list[str]


def view(told: Figures) -> ReportView:
    """Return a report as it is answered."""
    return ReportView(
        kind=told.kind,
        title=told.form.title,
        period=told.period,
        scope=told.scope,
        complete=told.complete,
        through=told.through,
        unclosed=told.unclosed,
        columns=[ColumnView.model_validate(column) for column in told.form.columns],
        rows=[dict(row) for row in told.rows],
        notes=list(told.form.notes),
    )
