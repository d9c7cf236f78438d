"""分支机构排名 — every branch within the scope, the most equity first."""

from services.profile.adapters.reports import columns, ledger
from services.profile.domain.report import Column, Form, Unit

STATEMENT = f"""
{ledger.LEDGER}
SELECT row_number() OVER (ORDER BY u.equity DESC NULLS LAST, u.branch COLLATE "C") AS rank, u.*
FROM (SELECT coalesce(l.branch_id, '') AS branch, {ledger.COUNTS}, {ledger.MONEY}
      FROM ledger l GROUP BY coalesce(l.branch_id, '')) u
ORDER BY rank
"""  # noqa: S608 our own words
FORM = Form(
    "分支机构排名",
    (
        columns.RANK,
        Column("branch", "分支机构", Unit.TEXT),
        *(c for c in columns.PEOPLE if c.name != "closed_accounts"),
        *(c for c in columns.MONEY if c.name != "other_fees"),
        *(c for c in columns.RISK if c.name in ("at_risk", "alerts")),
    ),
    STATEMENT,
    notes=("账户算在现在的分支机构名下；空的一行是没有分支机构的账户",),
)
