"""分群的 SQL — a condition as one parametrised statement over the accounts within a row scope.

Only words of ``FIELDS`` stand in the statement; every value of a condition is bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.profile.adapters.clients import Row, Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from services.profile.domain.conditions import AMONG, KNOWN, Condition
from services.profile.domain.segment_fields import FIELDS, KINDS, MONTH_START, TODAY
from shared.db.row_scope import Where
from shared.kernel.trading_day import Calendar
from shared.web.organisation import RowScope

OF = """
FROM relations r
JOIN clients c ON c.broker = r.broker AND c.customer_id = r.customer_id
LEFT JOIN live_funds f ON f.broker = r.broker AND f.account = r.account
LEFT JOIN registrations g ON g.broker = r.broker AND g.account = r.account
LEFT JOIN baselines b ON b.broker = r.broker AND b.account = r.account
WHERE r.broker = :broker AND {conditions}
"""
LISTED = (
    "SELECT r.customer_id, c.display_name, r.account, r.manager_id, r.branch_id, f.equity,"
    f" f.available {OF}"
    ' ORDER BY r.account COLLATE "C", r.customer_id COLLATE "C" LIMIT :most'
)
COUNTED = f"SELECT count(DISTINCT r.customer_id) AS clients, count(*) AS accounts {OF}"
BEHIND = '(r.account COLLATE "C", r.customer_id COLLATE "C") > (:last_account, :last_client)'


@dataclass
class Compiling:
    """Makes a condition's SQL as of a trading day; ``values`` are what it binds."""

    day: date
    calendar: Calendar
    values: dict[str, Any] = field(default_factory=dict)

    def where(self, condition: Condition) -> str:
        """Return the condition in SQL: true or false, never unknown."""
        if condition.every:
            return "(" + " AND ".join(map(self.where, condition.every)) + ")"
        if condition.some:
            return "(" + " OR ".join(map(self.where, condition.some)) + ")"
        if condition.never:
            return f"(NOT {self.where(condition.never)})"
        return self._test(condition)

    def _test(self, test: Condition) -> str:
        asked = FIELDS[test.field or ""]
        found = asked.sql
        if test.days is not None:
            found = found.replace("{since}", self._bind(self._since(test.days), "date"))
        if ":day" in found:
            self.values["day"] = self.day
        type_ = KINDS[asked.kind].type
        match test.operator:
            case str(op) if op == KNOWN:
                return f"((({found}) IS NOT NULL) = {self._bind(test.bound, 'boolean')})"
            case str(op) if op == AMONG:
                return f"((({found}) = ANY ({self._bind(test.bound, f'{type_}[]')})) IS TRUE)"
            case "has":
                return f"(({self._bind(test.bound, type_)} = ANY ({found})) IS TRUE)"
            case operator:
                value = self._bind(self._moment(test.bound, type_), type_)
                return f"((({found}) {operator} {value}) IS TRUE)"

    def _bind(self, value: Any, type_: str) -> str:
        name = f"value_{len(self.values)}"
        self.values[name] = value
        return f"CAST(:{name} AS {type_})"

    def _moment(self, value: Any, type_: str) -> Any:
        if type_ != "date":
            return value
        return {MONTH_START: self.day.replace(day=1), TODAY: self.day}.get(value, value)

    def _since(self, days: int) -> date:
        """Return the first of the last trading days; the running one counts."""
        latest = self.calendar.on_or_after(self.day)
        return latest if days == 1 else self.calendar.before(latest, days - 1)


def compiled(condition: Condition, scope: RowScope, day: date, calendar: Calendar) -> Where:
    """Return the accounts within a scope that meet a condition."""
    reached = within(scope)
    compiling = Compiling(day, calendar)
    sql = f"{reached.sql} AND {compiling.where(condition)}"
    return Where(sql, {**reached.values, **compiling.values})


async def counted(records: Records, where: Where) -> Row:
    """Return how many clients and accounts there are."""
    (row,) = await records.rows(COUNTED.format(conditions=where.sql), **where.values)
    return row


async def members(
    records: Records, where: Where, after: Mapping[str, Any] | None, most: int
) -> Rows:
    """Return a page of accounts with their clients, by account."""
    conditions, values = where.sql, {**where.values, "most": most}
    if after is not None:
        conditions += f" AND {BEHIND}"
        values |= {"last_account": after["account"], "last_client": after["customer_id"]}
    return await records.rows(LISTED.format(conditions=conditions), **values)
