"""报表 — the files that are planned of a whole trading day, and of the month or year it ends.

What was made before is made anew only when its figures have changed: a revision more.
"""

import asyncio
import hashlib

from services.profile.adapters import kept_reports
from services.profile.adapters.kept_reports import Made
from services.profile.adapters.records import Records
from services.profile.adapters.reporting import Asked, report
from services.profile.domain.fact import closing
from services.profile.domain.period import NoPeriod, Period, ending
from services.profile.domain.report import Figures
from services.profile.night import Night, Step
from services.profile.report_files import FILES
from services.profile.report_plan import Planned
from services.profile.report_scope import rows_of
from services.profile.report_views import view
from shared.contracts.profiles import Report, report_ready
from shared.kernel.money import to_li
from shared.kernel.trading_day import TradingDay
from shared.web.organisation import RowScope


async def run(night: Night) -> int:
    """Make what is planned; return how many reports are new or changed."""
    records = Records(night.connection, night.broker)
    units, made = await kept_reports.units(records), 0
    for period in ending(TradingDay(night.day), night.calendar):
        for planned in night.plan.of(period.span):
            for unit in units[planned.level]:
                made += await _made(night, planned, period, unit)
    await kept_reports.drop_over(records, night.day)
    return made


async def _made(night: Night, planned: Planned, period: Period, unit: str) -> bool:
    """Make one report and tell of it, unless it stands as it is."""
    records = Records(night.connection, night.broker)
    try:
        before = period.before(night.calendar)
    except NoPeriod:  # nothing to compare the calendar's first one with
        return False
    where = rows_of(unit, RowScope(everything=True))
    asked = Asked(planned.kind, period, before, unit, where, to_li(night.churn_floor))
    told = await report(records, asked, lambda row: row["display_name"])
    figures = hashlib.sha256(view(told).model_dump_json().encode()).hexdigest()
    old = await kept_reports.newest(records, planned.kind, period.text, unit)
    if old is not None and old["figures"] == figures:
        return False
    made = Made(
        kind=planned.kind,
        period=period.text,
        unit=unit,
        revision=old["revision"] + 1 if old else 1,
        trading_day=night.day,
        complete=told.complete,
        figures=figures,
        clients=_named(told),
    )
    contents: dict[str, bytes] = {
        f: await asyncio.to_thread(FILES[f].write, told) for f in planned.formats
    }
    files = await kept_reports.put(records, made, contents, planned.kept_days)
    said = Report.model_validate({**made._asdict(), "broker": night.broker, "files": files})
    await night.tell(report_ready(said, closing(TradingDay(night.day))))
    return True


def _named(told: Figures) -> list[str]:
    return sorted({row["customer_id"] for row in told.rows if "customer_id" in row})


STEP = Step("reports", run, after=("doubts", "indicators", "permissions"))
