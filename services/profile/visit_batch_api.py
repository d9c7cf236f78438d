"""``POST /v1/visit-batches``: whom to visit this year, as a job; ``GET …``: how far it is."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter

from services.profile.adapters import visit_batches
from services.profile.desk import Desk
from services.profile.list_views import Listed
from services.profile.pages import Cursor
from services.profile.visit_asking import as_preview, by, wanted
from services.profile.visit_batch_views import Batches, BatchView, RulesView
from services.profile.visit_views import Generation
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Generator = Annotated[Access, allowed(Permission.VISITS_GENERATE)]
Reader = Annotated[Access, allowed(Permission.VISITS_READ)]
GENERATION: TypeAdapter[Generation] = TypeAdapter(Generation)
Asked = Annotated[Generation, Depends(in_json(GENERATION))]
PLACE = Cursor(generated_at=datetime, batch=Code)
BODY = body_described(
    GENERATION,
    {
        "year": {"day": "2026-11-20"},
        "stricter": {"day": "2026-11-20", "parameters": {"large_loss": {"amount": "50000"}}},
    },
)


def router(desk: Desk) -> APIRouter:
    """Return the asking for batches, how far they are, and their rules."""
    made = APIRouter(responses=described(400, 401, 403, 503))
    asks: dict[str, Any] = {
        "status_code": 202,
        "responses": described(409, 413),
        "openapi_extra": BODY,
    }

    @made.post("/v1/visit-batches/preview", **asks)
    async def preview_visits(access: Generator, asked: Asked, response: Response) -> BatchView:
        """Have counted whom a batch would name; nothing is landed."""
        return await _asked(asked, access, response, preview=True)

    @made.post("/v1/visit-batches", **asks)
    async def generate_visits(access: Generator, asked: Asked, response: Response) -> BatchView:
        """Have a batch generated; the same request under the same rules is the same batch."""
        return await _asked(asked, access, response, preview=False)

    async def _asked(
        asked: Generation, access: Access, response: Response, *, preview: bool
    ) -> BatchView:
        now = desk.clock.now()
        async with desk.open_records() as records:
            said = await wanted(records, asked, desk.visits, desk.calendar)
            said = as_preview(said) if preview else said
            row = await visit_batches.ask(records, by(said, access.principal.name, now))
            action = "visits.previewed" if preview else "visits.generated"
            await records.note(access.entry(now, action, row["batch"]))
        response.headers["Location"] = f"/v1/visit-batches/{row['batch']}"
        return BatchView.model_validate(row)

    @made.get("/v1/visit-batches")
    async def list_batches(
        access: Generator, asked: Annotated[Batches, Query()]
    ) -> Listed[BatchView]:
        """List the batches, the newest first."""
        place = PLACE.read(asked.after)
        async with desk.open_records() as records:
            rows = await visit_batches.batches(records, place, asked.limit)
            await records.note(access.entry(desk.clock.now(), "visit-batches.listed", "all"))
        views = [BatchView.model_validate(row) for row in rows]
        return Listed(rows=views, next=PLACE.next(rows, asked.limit))

    @made.get("/v1/visit-batches/{batch}", responses=described(404))
    async def read_batch(batch: Code, access: Generator) -> BatchView:
        """Say how far a batch is, and what came of it."""
        async with desk.open_records() as records:
            row = await visit_batches.batch(records, batch)
            await records.note(access.entry(desk.clock.now(), "visit-batch.read", batch))
        if row is None:
            raise Refusal(404, "no such batch")
        return BatchView.model_validate(row)

    @made.get("/v1/visit-rules")
    async def read_rules(access: Reader) -> RulesView:
        """Say which rules are in force, and what of them one batch may change."""
        book = desk.visits
        async with desk.open_records() as records:
            said = f"version={book.version}"
            await records.note(access.entry(desk.clock.now(), "visit-rules.read", said))
        return RulesView(
            version=book.version,
            source=book.source._asdict(),
            parameters=book.parameters,
            tags=book.tags.model_dump(),
        )

    return made
