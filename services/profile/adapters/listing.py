"""清单 — a long list within a row scope, in pages: what it is of, what may be asked, its order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from shared.web.organisation import RowScope

OWNED = """
JOIN relations r ON r.broker = x.broker AND r.account = x.account
JOIN clients c ON c.broker = r.broker AND c.customer_id = r.customer_id
"""
"""Whose a row ``x`` of an account is."""
WHOSE = "r.customer_id, c.display_name, r.manager_id, r.branch_id"
FILTERS: Mapping[str, str] = {
    "account": "x.account = :account",
    "client": "r.customer_id = :client",
    "manager": "r.manager_id = :manager",
    "branch": "r.branch_id = :branch",
    "introducing_broker": "r.introducing_broker = :introducing_broker",
    "day_from": "x.trading_day >= :day_from",
    "day_to": "x.trading_day <= :day_to",
}
"""What may be asked of every list → its condition."""


@dataclass(frozen=True)
class Wanted:
    """What is asked by name, behind which place, how many rows; ``up``: the smallest first."""

    asked: Mapping[str, Any]
    after: Mapping[str, Any] | None
    limit: int
    up: bool = False


@dataclass(frozen=True)
class Listing:
    """``columns`` of ``table``, the newest or largest first.

    ``order``: the columns of a row's place with their types, together unique, none ever null.
    ``more``: conditions besides ``FILTERS``. ``always``: what every row meets.
    """

    table: str
    columns: str
    order: Mapping[str, str]
    more: Mapping[str, str] = field(default_factory=dict)
    always: str = "true"

    def query(self, wanted: Wanted, reached: str) -> str:
        """Return the statement; ``reached``: the condition of the scope."""
        known = {**FILTERS, **self.more}
        conditions = ["x.broker = :broker", self.always, reached]
        conditions += [known[name] for name in wanted.asked]
        if wanted.after is not None:
            names = ", ".join(f"x.{name}" for name in self.order)
            last = ", ".join(f"CAST(:last_{name} AS {type_})" for name, type_ in self.order.items())
            conditions.append(f"({names}) {'>' if wanted.up else '<'} ({last})")
        way = "ASC" if wanted.up else "DESC"
        order = ", ".join(f"x.{name} {way}" for name in self.order)
        return (
            f"SELECT {WHOSE}, {self.columns} FROM {self.table} x {OWNED}"  # noqa: S608 our words
            f" WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT :most"
        )


async def listed(records: Records, listing: Listing, scope: RowScope, wanted: Wanted) -> Rows:
    """Return the rows of a page."""
    reached = within(scope)
    last = {f"last_{name}": value for name, value in (wanted.after or {}).items()}
    values = {**reached.values, **wanted.asked, **last}
    return await records.rows(listing.query(wanted, reached.sql), **values, most=wanted.limit)
