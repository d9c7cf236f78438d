"""``GET /v1/reports/{kind}``: a report of a period and a scope, as JSON, a workbook or pages."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.profile.adapters.clients import Row
from services.profile.adapters.reporting import Asked, report
from services.profile.adapters.reports import FORMS
from services.profile.desk import Desk
from services.profile.domain.period import NoPeriod, Period
from services.profile.domain.report import Figures
from services.profile.reach import sight
from services.profile.report_files import FILES
from services.profile.report_scope import PATTERN, rows_of
from services.profile.report_views import ReportView, view
from shared.kernel.money import to_li
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission, Sight
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]


class Which(BaseModel):
    """Of when and of whom. Without ``scope``: of all that the one who asks reaches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: str = Field(max_length=10, description="2026-06-01, 2026-06 or 2026")
    scope: str = Field(default="", max_length=80, pattern=rf"^$|{PATTERN}")
    format: Literal["json", "xlsx", "pdf"] | None = Field(
        default=None, description="else what Accept says, else JSON"
    )


def router(desk: Desk) -> APIRouter:
    """Return the reports."""
    made = APIRouter(responses=described(400, 401, 403, 404, 503))

    @made.get("/v1/reports/{kind}", response_model=ReportView)
    async def read_report(
        kind: str,
        access: Reader,
        asked: Annotated[Which, Query()],
        accept: Annotated[str, Header(max_length=500)] = "",
    ) -> Any:
        """Return the figures of a day, a month or a year; what is not closed is not counted."""
        if kind not in FORMS:
            raise Refusal(404, f"no such report: {', '.join(FORMS)}")
        format_ = asked.format or _accepted(accept)
        wanted = _wanted(desk, kind, asked, access)
        subject = f"{kind} {asked.period} {asked.scope or 'reach'} {format_}"
        action = "report.exported" if format_ in FILES else "report.read"
        async with desk.open_records() as records:
            told = await report(records, wanted, _named(access))
            await records.note(access.entry(desk.clock.now(), action, subject))
        return view(told) if format_ not in FILES else _attached(told, format_)

    return made


def _accepted(accept: str) -> str:
    return next((name for name, file in FILES.items() if file.media_type in accept), "json")


def _wanted(desk: Desk, kind: str, asked: Which, access: Access) -> Asked:
    where = rows_of(asked.scope, access.scope())
    try:
        period = Period.read(asked.period, desk.calendar)
        before = period.before(desk.calendar)
    except NoPeriod as wrong:
        raise Refusal(400, f"period: {wrong}") from None
    return Asked(kind, period, before, asked.scope, where, to_li(desk.churn_floor))


def _named(access: Access) -> Callable[[Row], str | None]:
    return lambda row: row["display_name"] if sight(access, row) is Sight.MASKED else None


def _attached(told: Figures, format_: str) -> Response:
    name = f"{told.kind}-{told.period}-{told.scope.replace(':', '-') or 'reach'}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    file = FILES[format_]
    return Response(file.write(told), media_type=file.media_type, headers=headers)
