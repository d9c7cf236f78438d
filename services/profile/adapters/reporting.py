"""出报表 — the figures of one report, a period and a scope, from the settled days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.profile.adapters.clients import Row
from services.profile.adapters.records import Records
from services.profile.adapters.reports import FORMS
from services.profile.domain.period import Period
from services.profile.domain.report import Figures, value
from shared.contracts.topics import PARTITIONS
from shared.db.row_scope import Where

CLOSED = (
    "SELECT trading_day FROM day_closes WHERE broker = :broker"
    " AND trading_day BETWEEN :first AND :last"
    " GROUP BY trading_day HAVING count(*) >= :partitions"
)
Named = Callable[[Row], str | None]
"""A client's row → the name that may be shown."""


@dataclass(frozen=True)
class Asked:
    """Which report. ``scope``: as it was asked, for the title; ``where``: as SQL, over ``r``.

    ``floor``: 厘; a client with less at the end of a period counts as gone.
    """

    kind: str
    period: Period
    before: Period
    scope: str
    where: Where
    floor: int


async def report(records: Records, asked: Asked, named: Named) -> Figures:
    """Return the figures; days that are not closed are not counted."""
    form, days = FORMS[asked.kind], asked.period.days
    span = {"first": asked.period.first, "last": asked.period.last, "partitions": PARTITIONS}
    found = {row["trading_day"] for row in await records.rows(CLOSED, **span)}
    closed = [day for day in days if day in found]
    through = closed[-1] if closed else None
    told = Figures(
        asked.kind, form, asked.period.text, asked.scope, through, len(days) - len(closed), ()
    )
    if through is None:
        return told
    rows = await records.rows(
        form.statement.format(conditions=asked.where.sql),
        **asked.where.values,
        **_bound(asked, closed, form.statement),
    )
    return told.with_rows([_figures(told, row, named) for row in rows])


def _figures(told: Figures, row: Row, named: Named) -> dict[str, Any]:
    shown = {**row, "name": named(row)} if "display_name" in row else row
    return {c.name: value(c, shown[c.name]) for c in told.form.columns}


def _bound(asked: Asked, closed: Sequence[date], statement: str) -> dict[str, Any]:
    values = {
        "first": asked.period.first,
        "begin": asked.before.last + timedelta(days=1),
        "opening": closed[0],
        "through": closed[-1],
        "closed_days": len(closed),
        "before_first": asked.before.first,
        "before_last": asked.before.last,
        "floor": asked.floor,
    }
    return {name: bound for name, bound in values.items() if f":{name}" in statement}
