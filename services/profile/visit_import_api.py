"""``POST /v1/visit-imports/…``: visits made elsewhere, lists of clients; all of a file or none."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from services.profile.adapters.records import Records
from services.profile.adapters.visit_bringing import bring_visits
from services.profile.adapters.visit_lists import bring_clients
from services.profile.adapters.visit_naming import By, Imported
from services.profile.adapters.visit_sheets import BOOK, LINES, Unreadable
from services.profile.desk import Desk
from services.profile.domain import visit_files
from services.profile.domain.visit_files import Line, Sheet
from services.profile.visit_batch_views import FaultView, ImportView
from shared.kernel.trading_day import CHINA
from shared.web.access import Access
from shared.web.body import limited
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Recorder = Annotated[Access, allowed(Permission.VISITS_RECORD)]
Generator = Annotated[Access, allowed(Permission.VISITS_GENERATE)]
LARGEST, MOST_FAULTS = 8 * 1024 * 1024, 200  # bytes; faults that are told
Check = Annotated[bool, Query(description="look, and write nothing")]
Bring = Callable[[Records, Any, By], Awaitable[Imported]]
Form = Callable[[Sequence[Line], datetime], Sheet]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            BOOK: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class _Undone(Exception):
    """Ends the transaction without writing; the outcome is told all the same."""


def router(desk: Desk) -> APIRouter:
    """Return what takes files of visits and of clients."""
    made = APIRouter(responses=described(400, 401, 403, 413, 503))
    takes: dict[str, Any] = {"openapi_extra": BODY, "responses": {422: {"model": ImportView}}}

    @made.post("/v1/visit-imports/records", response_model=ImportView, **takes)
    async def import_visits(request: Request, access: Recorder, check: Check = False) -> Any:
        """Take visits that were made; what is wrong is named by row, and nothing is written."""
        sheet = await _sheet(request, visit_files.visits, desk.clock.now())
        return await _brought(desk, access, ("records", check), sheet, bring_visits)

    @made.post("/v1/visit-imports/clients", response_model=ImportView, **takes)
    async def import_clients(request: Request, access: Generator, check: Check = False) -> Any:
        """Take a list of clients to visit this year; all of it, or nothing and why."""
        now = desk.clock.now()
        sheet = await _sheet(request, visit_files.clients, now)
        bring = _of(now.astimezone(CHINA).date())
        return await _brought(desk, access, ("clients", check), sheet, bring)

    return made


def _of(day: date) -> Bring:
    async def bring(records: Records, rows: Any, by: By) -> Imported:
        return await bring_clients(records, rows, day, by)

    return bring


async def _sheet(request: Request, form: Form, now: datetime) -> Sheet:
    """Return what the body says; a long one keeps nobody else waiting."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    read = LINES.get(media)
    if read is None:
        raise Refusal(400, f"Content-Type: {' or '.join(LINES)}")
    data = await limited(request, LARGEST)
    try:
        return await asyncio.to_thread(lambda: form(read(data), now))
    except Unreadable as wrong:
        raise Refusal(400, f"{wrong}") from None


async def _brought(
    desk: Desk, access: Access, what: tuple[str, bool], sheet: Sheet, bring: Bring
) -> Any:
    """Bring a sheet in one transaction; a refused one leaves its audit alone."""
    (kind, check), now = what, desk.clock.now()
    by, found = By(access.principal.name, access.scope(), now), Imported(faults=sheet.faults)
    look = access.entry(now, f"visit-{kind}.imported", f"rows={len(sheet.rows)}")
    if not sheet.faults:
        try:
            async with desk.open_records() as records:
                found = await bring(records, sheet.rows, by)
                if check or found.faults:
                    raise _Undone
                await records.note(replace(look, subject=f"{look.subject} new={found.new}"))
        except _Undone:
            pass
    if check or found.faults:
        checked = replace(look, action=f"visit-{kind}.checked")
        async with desk.open_records() as records:
            await records.note(replace(checked, outcome="refused") if found.faults else checked)
    view = ImportView(
        written=not check and not found.faults,
        new=found.new,
        held=found.held,
        batch=found.batch,
        wrong=len(found.faults),
        faults=[FaultView(**one._asdict()) for one in found.faults[:MOST_FAULTS]],
    )
    return JSONResponse(view.model_dump(mode="json"), 422) if found.faults else view
