"""看见回访 — who asks, what of a task this one sees, and which day it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.profile.adapters import visit_assigning, visits
from services.profile.adapters.clients import Row
from services.profile.adapters.prices import running_day
from services.profile.adapters.records import Records
from services.profile.adapters.visits import Wanted
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.visit_views import VisitView
from shared.kernel.trading_day import CHINA
from shared.web.access import Access
from shared.web.refusal import Refusal


def name_of(access: Access) -> str:
    """Return who asks, as a task is given to; a system has none, whatever its key is called."""
    return access.principal.name if access.principal.roles else ""


def seen_by(question: Question, row: Row) -> Row:
    """Return a row with the masked name, for who is given the task as well."""
    if row["assignee"] and row["assignee"] == name_of(question.access):
        return {**row, "name": row["display_name"]}
    return question.masked(row)


async def today(records: Records, desk: Desk) -> date:
    """Return the trading day that runs, as the stream says; before it said one, the date."""
    return await running_day(records) or desk.clock.now().astimezone(CHINA).date()


async def shown(
    desk: Desk,
    access: Access,
    visit: UUID,
    action: str,
    said: Mapping[str, Any] | None = None,
) -> VisitView:
    """Return everything of one task, after what is said of it is recorded; 404 out of reach."""
    now = desk.clock.now()
    look = access.entry(now, action, str(visit))
    wanted = Wanted({"visit": visit}, now.astimezone(CHINA).date(), name_of(access))
    found, history, given = None, [], []
    async with desk.open_records() as records:
        wanted = wanted._replace(today=await today(records, desk))
        if await visits.listed(records, access.scope(), wanted):
            if said is not None:
                await _record(records, access, visit, said, now)
            (found,) = await visits.listed(records, access.scope(), wanted)
            history = list(await visits.history(records, visit))
            given = list(await visit_assigning.history(records, visit))
        await records.note(look if found else replace(look, outcome="refused"))
    if found is None:
        raise Refusal(404, "no such visit")
    row = seen_by(Question("visits", desk, access), found)
    return VisitView.model_validate({**row, "records": history, "assignments": given})


async def _record(
    records: Records, access: Access, visit: UUID, said: Mapping[str, Any], now: datetime
) -> None:
    by = {"recorded_by": access.principal.name, "recorded_at": now}
    if not await visits.append(records, visit, {**said, **by}):
        raise Refusal(409, "record: another record of this visit has that name")
