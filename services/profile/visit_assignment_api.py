"""``POST /v1/visit-assignments``: a person is given visits, all of those named or none."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter

from services.profile.adapters import visit_assigning
from services.profile.adapters.records import Records
from services.profile.desk import Desk
from services.profile.reach import Whose
from services.profile.visit_views import Assignment, AssignmentView
from shared.kernel.trading_day import CHINA
from shared.web import directory
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import OFFICES, Permission
from shared.web.refusal import Refusal, described

Assigner = Annotated[Access, allowed(Permission.VISITS_ASSIGN)]
ASSIGNMENT: TypeAdapter[Assignment] = TypeAdapter(Assignment)
Asked = Annotated[Assignment, Depends(in_json(ASSIGNMENT))]
EXAMPLE = {"visits": ["6f0d2a35-6c1b-5f0e-9a86-2f1c8d5b7e41"], "assignee": "m001"}
BODY = body_described(ASSIGNMENT, {"one": EXAMPLE})
ABLE = frozenset(role for role, office in OFFICES.items() if Permission.VISITS_RECORD in office.may)


def router(desk: Desk) -> APIRouter:
    """Return the assigning of visits."""
    made = APIRouter(responses=described(400, 401, 403, 404, 413, 503))

    @made.post("/v1/visit-assignments", openapi_extra=BODY)
    async def assign_visits(access: Assigner, asked: Asked) -> AssignmentView:
        """Give visits to a person, or back to whose clients they are."""
        now, wanted = desk.clock.now(), frozenset(asked.visits)
        async with desk.open_records() as records:
            await _check(records, access, asked.assignee, now.astimezone(CHINA).date())
            rows = await visit_assigning.locked(records, access.scope(), wanted)
            lost = wanted - {row["visit"] for row in rows}
            given = [row for row in rows if row["assignee"] != asked.assignee]
            fresh = [row["visit"] for row in given]
            look = access.entry(now, "visit.assigned", "")
            if lost:
                for visit in sorted(lost):
                    await records.note(replace(look, subject=f"{visit}", outcome="refused"))
            else:
                by = {"assigned_by": access.principal.name, "assigned_at": now}
                said = {"assignee": asked.assignee, "reason": asked.reason, **by}
                await visit_assigning.assign(records, fresh, said)
                await visit_assigning.tell(records, given, said)
                for visit in fresh:
                    await records.note(replace(look, subject=f"{visit} {asked.assignee or '-'}"))
        if lost:
            raise Refusal(404, _named(lost))
        return AssignmentView(assigned=len(fresh), unchanged=len(rows) - len(fresh))

    return made


async def _check(records: Records, access: Access, assignee: str | None, today: date) -> None:
    """Raise unless it is nobody, or somebody here who records visits, within reach."""
    if assignee is None:
        return
    row = await visit_assigning.person(records, assignee)
    reached = row is not None and access.scope().reaches(Whose(assignee, row["branch_id"]))
    if row is None or not reached or row["role"] not in ABLE:
        raise Refusal(400, "assignee: nobody in reach who records visits")
    if directory.person(SimpleNamespace(**row), today).gone:
        raise Refusal(400, "assignee: has left")


def _named(lost: Collection[UUID]) -> str:
    first, *more = sorted(lost)
    return f"no such visit: {first}" + (f" and {len(more)} more" if more else "")
