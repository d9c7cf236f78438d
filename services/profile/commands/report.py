"""``guanchao profile report``: a report as a file, for the whole company or a part of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profile import report_files
from services.profile.adapters.records import Records
from services.profile.adapters.reporting import Asked, report
from services.profile.adapters.reports import FORMS
from services.profile.commands.places import Postgres, operator, run, transaction
from services.profile.domain.period import NoPeriod, Period
from services.profile.domain.report import Figures
from services.profile.report_scope import rows_of
from services.profile.report_views import view
from services.profile.settings import CHURN_FLOOR
from shared.calendars import CalendarFile, calendar_at
from shared.clock import WallClock
from shared.console import Refused
from shared.kernel.audit import Entry
from shared.kernel.money import Money, to_li
from shared.web.organisation import RowScope
from shared.web.refusal import Refusal

WRITE: Mapping[str, Callable[[Figures], bytes]] = {
    **{f".{name}": file.write for name, file in report_files.FILES.items()},
    ".json": lambda told: view(told).model_dump_json(indent=2).encode(),
}
"""How a file ends → what is written into it."""
Kind = Annotated[str, typer.Argument(help="、".join(FORMS))]
When = Annotated[str, typer.Option("--period", help="2026-06-01、2026-06、2026")]
Scope = Annotated[str, typer.Option("--scope", help="company、branch:…、manager:…")]
Out = Annotated[Path, typer.Option("--out", help="写到哪：.xlsx、.pdf、.json · the file")]
Broker = Annotated[
    str,
    typer.Option("--broker", envvar="PROFILE_BROKER", show_envvar=False, help="期货公司 · broker"),
]


class Rules(BaseSettings):
    """The variables that profile itself reads."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_", extra="ignore", frozen=True)

    calendar: CalendarFile = None
    churn_floor: Money = CHURN_FLOOR


def write_report(  # noqa: PLR0913 each is a flag
    kind: Kind,
    *,
    period: When,
    out: Out,
    broker: Broker,
    scope: Scope = "company",
    postgres: Postgres = None,
) -> None:
    """一张报表写成文件；没收盘的日子不算 · a report as a file; days that are open do not count.

    姓名打码；写了什么记进审计。Names are masked; what was written is in the audit.
    """
    write = WRITE.get(out.suffix)
    if write is None or kind not in FORMS:
        raise typer.BadParameter(f"{'、'.join(FORMS)}；{'、'.join(WRITE)}")
    told = run(lambda: _told(postgres, kind, period, scope, broker))
    out.write_bytes(write(told))
    typer.echo(f"✓ {out}：{told.title}，{told.status}")


async def _told(dsn: str | None, kind: str, period: str, scope: str, broker: str) -> Figures:
    rules = Rules()
    calendar = calendar_at(rules.calendar)
    try:
        asked = Period.read(period, calendar)
        before, where = asked.before(calendar), rows_of(scope, RowScope(everything=True))
    except (NoPeriod, Refusal) as wrong:
        raise Refused(f"报表做不了：{wrong}", f"{wrong}") from None
    wanted = Asked(kind, asked, before, scope, where, to_li(Decimal(rules.churn_floor)))
    subject = f"{kind} {period} {scope} file"
    entry = Entry(WallClock().now(), operator(), (), "report.exported", subject, uuid4().hex)
    async with transaction(dsn) as connection:
        records = Records(connection, broker)
        told = await report(records, wanted, lambda row: row["display_name"])
        await records.note(entry)
    return told
