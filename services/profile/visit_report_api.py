"""``GET /v1/visit-summary``, ``…-export``, ``…/evidence``: what is done, and what proves it."""

from asyncio import to_thread
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from services.profile import visit_documents
from services.profile.adapters import visit_assigning, visit_sums, visits
from services.profile.adapters.visit_sheets import BOOK
from services.profile.adapters.visits import Wanted
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.domain import visit_evidence
from services.profile.visit_seeing import name_of, seen_by, today
from services.profile.visit_views import SummaryRow, Visits, Year
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.VISITS_READ)]
MOST = 20_000  # rows of a workbook over HTTP; the command has no limit
CSV, PDF = "text/csv; charset=utf-8", "application/pdf"


class Sums(BaseModel):
    """Of which year, and by what; ``person``: who is given it, else who has the client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Year
    by: Literal["branch", "person", "batch", "rule"] = "branch"
    format: Literal["json", "xlsx"] = "json"


def router(desk: Desk) -> APIRouter:
    """Return the sums, the work list as a file, and one visit's evidence."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/visit-summary", response_model=list[SummaryRow], responses=files(BOOK))
    async def sum_visits(access: Reader, asked: Annotated[Sums, Query()]) -> Any:
        """Count a year's visits in reach: done, by result, overdue."""
        subject = f"{asked.year} {asked.by} {asked.format}"
        async with desk.open_records() as records:
            who = (name_of(access), await today(records, desk))
            rows = await visit_sums.summed(records, access.scope(), (asked.year, asked.by), who)
            await records.note(access.entry(desk.clock.now(), "visits.summed", subject))
        if asked.format == "json":
            return rows
        book = await to_thread(visit_documents.workbook, visit_documents.SUMS, rows)
        return attached(book, f"visits-{asked.year}-{asked.by}.xlsx", BOOK)

    @made.get("/v1/visit-export", response_class=Response, responses=files(BOOK) | described(409))
    async def export_visits(access: Reader, asked: Annotated[Visits, Query()]) -> Response:
        """Return the work list as a workbook, names masked; ``limit`` and ``after`` say nothing."""
        question = Question("visits", desk, access)
        async with desk.open_records() as records:
            day = await today(records, desk)
            wanted = Wanted(asked.asked, day, name_of(access), None, MOST + 1)
            rows = await visits.listed(records, access.scope(), wanted)
            last = await visits.latest(records, [row["visit"] for row in rows])
            look = replace(question.entry(asked.asked), action="visits.exported")
            await records.note(replace(look, outcome="refused") if len(rows) > MOST else look)
        if len(rows) > MOST:
            raise Refusal(409, f"more than {MOST} visits: ask for fewer, or use the command")
        shown = [{**last.get(row["visit"], {}), **seen_by(question, row)} for row in rows]
        book = await to_thread(visit_documents.workbook, visit_documents.VISITS, shown)
        return attached(book, "visits.xlsx", BOOK)

    @made.get(
        "/v1/visits/{visit}/evidence",
        response_class=Response,
        responses=files(PDF, "text/csv") | described(404),
    )
    async def prove_visit(
        visit: UUID, access: Reader, format: Literal["pdf", "csv"] = "pdf"
    ) -> Response:
        """Return everything of one visit, as pages or as the same rows in CSV."""
        look = access.entry(desk.clock.now(), "visit.proven", f"{visit}")
        async with desk.open_records() as records:
            wanted = Wanted({"visit": visit}, await today(records, desk), name_of(access))
            found = await visits.listed(records, access.scope(), wanted)
            known = [
                await visits.reasons(records, visit),
                await visit_assigning.history(records, visit),
                await visits.history(records, visit),
            ]
            await records.note(look if found else replace(look, outcome="refused"))
        if not found:
            raise Refusal(404, "no such visit")
        told = visit_evidence.rows(seen_by(Question("visits", desk, access), found[0]), *known)
        if format == "csv":
            return attached(visit_evidence.as_csv(told), f"visit-{visit}.csv", CSV)
        pages = await to_thread(visit_documents.evidence, told)
        return attached(pages, f"visit-{visit}.pdf", PDF)

    return made


def files(*media: str) -> dict[int | str, dict[str, Any]]:
    """Return what an endpoint's description says of the files it gives."""
    return {200: {"content": {one: {"schema": {"type": "string"}} for one in media}}}


def attached(content: bytes, name: str, media: str) -> Response:
    """Return a file to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media, headers=headers)
