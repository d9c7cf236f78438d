"""业务总览 — the whole of a scope in one column of figures."""

from services.profile.adapters.reports import columns, ledger
from services.profile.domain.report import Form

STATEMENT = f"{ledger.LEDGER} SELECT {ledger.COUNTS}, {ledger.MONEY} FROM ledger l"  # noqa: S608 our own words
FORM = Form(
    "业务总览",
    (*columns.PEOPLE, *columns.MONEY, *columns.RISK),
    STATEMENT,
    upright=True,
    notes=(columns.RETAINED, "市场占有率、席位资源回报没有来源"),
)
