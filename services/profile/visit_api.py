"""``GET /v1/visits``: the work lists of return visits, and ``POST …/records``: what came of one."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter

from services.profile.adapters import visits
from services.profile.adapters.visits import Wanted
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.list_views import Listed
from services.profile.pages import Cursor
from services.profile.visit_seeing import name_of, seen_by, shown, today
from services.profile.visit_views import Visited, VisitRow, Visits, VisitView
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.VISITS_READ)]
Recorder = Annotated[Access, allowed(Permission.VISITS_RECORD)]
VISITED: TypeAdapter[Visited] = TypeAdapter(Visited)
PLACE = Cursor(due_on=date, visit=UUID)
BODY = body_described(
    VISITED,
    {
        "call": {
            "record": "0b5ed5f4-5d1c-4a39-9d35-3f7a6a4f2a11",
            "visited_at": "2026-11-20T10:30:00+08:00",
            "method": "phone",
            "result": "failed",
            "reason": "无人接听",
        }
    },
)


def router(desk: Desk) -> APIRouter:
    """Return the list, one task, and the recording of a visit."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/visits")
    async def list_visits(access: Reader, asked: Annotated[Visits, Query()]) -> Listed[VisitRow]:
        """List the tasks in reach, those due first."""
        question, place = Question("visits", desk, access), PLACE.read(asked.after)
        async with desk.open_records() as records:
            day = await today(records, desk)
            wanted = Wanted(asked.asked, day, name_of(access), place, asked.limit)
            rows = await visits.listed(records, access.scope(), wanted)
            await records.note(question.entry(asked.asked))
        views = [VisitRow.model_validate(seen_by(question, row)) for row in rows]
        return Listed(rows=views, next=PLACE.next(rows, asked.limit))

    @made.get("/v1/visits/{visit}", responses=described(404))
    async def read_visit(visit: UUID, access: Reader) -> VisitView:
        """Say everything of one task; out of reach is 404, and in the audit."""
        return await shown(desk, access, visit, "visit.read")

    @made.post("/v1/visits/{visit}/records", responses=described(404, 409, 413), openapi_extra=BODY)
    async def record_visit(
        visit: UUID, access: Recorder, said: Annotated[Visited, Depends(in_json(VISITED))]
    ) -> VisitView:
        """Record what came of a visit; a correction is one more record, the last one holds."""
        if said.visited_at > desk.clock.now():
            raise Refusal(400, "visited_at: not yet")
        return await shown(desk, access, visit, "visit.recorded", said.model_dump())

    return made
