"""客户十大 — the ten clients with the most of something; each list is a report of its own."""

from collections.abc import Mapping

from services.profile.adapters.reports import columns, ledger
from services.profile.domain.report import Column, Form, Unit

_STATEMENT = f"""
{ledger.LEDGER}
SELECT row_number() OVER () AS rank, t.*, c.display_name
FROM (
    SELECT l.customer_id, {ledger.MONEY},
           (array_agg(l.manager_id ORDER BY l.account))[1] AS manager_id,
           (array_agg(l.branch_id ORDER BY l.account))[1] AS branch_id
    FROM ledger l
    WHERE NOT EXISTS (SELECT FROM erasures e WHERE e.broker = :broker
                      AND e.customer_id = l.customer_id)
    GROUP BY l.customer_id
    HAVING {{by}} > 0 ORDER BY {{by}} DESC, l.customer_id COLLATE "C" LIMIT 10
) t
JOIN clients c ON c.broker = :broker AND c.customer_id = t.customer_id ORDER BY rank
"""  # noqa: S608 our own words
_COLUMNS = (
    columns.RANK,
    Column("customer_id", "客户号", Unit.TEXT),
    Column("name", "客户", Unit.TEXT),
    Column("manager_id", "经理", Unit.TEXT),
    Column("branch_id", "分支机构", Unit.TEXT),
    *(c for c in columns.MONEY if c.name != "other_fees"),
)
_BY: Mapping[str, tuple[str, str]] = {
    "top-equity": ("客户十大（期末权益）", "sum(l.equity)"),
    "top-fees": ("客户十大（手续费）", "sum(l.fees)"),
    "top-loss": ("客户十大（亏损）", "-sum(l.profit)"),
    "top-net-deposit": ("客户十大（净入金）", "sum(l.net_deposits)"),
}
FORMS = {
    kind: Form(title, _COLUMNS, _STATEMENT.replace("{by}", measure), notes=(columns.RETAINED,))
    for kind, (title, measure) in _BY.items()
}
