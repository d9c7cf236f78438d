"""``POST /v1/visit-batches``: whom to visit this year; ``…/preview`` counts and lands nothing."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter

from services.profile.adapters import visits
from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.visit_figures import figures, figures_of
from services.profile.desk import Desk
from services.profile.domain.visits import Selection, Task, merge, select
from services.profile.visit_views import BatchView, Generation
from shared.kernel.trading_day import OutsideCoverage
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Generator = Annotated[Access, allowed(Permission.VISITS_GENERATE)]
GENERATION: TypeAdapter[Generation] = TypeAdapter(Generation)
Asked = Annotated[Generation, Depends(in_json(GENERATION))]
BODY = body_described(GENERATION, {"year": {"day": "2026-11-20"}})
CLOSED = "SELECT count(*) AS n FROM day_closes WHERE broker = :broker AND trading_day = :day"


def router(desk: Desk) -> APIRouter:
    """Return the generation and its preview."""
    made = APIRouter(responses=described(400, 401, 403, 409, 413, 503))

    @made.post("/v1/visit-batches/preview", openapi_extra=BODY)
    async def preview_visits(access: Generator, asked: Asked) -> BatchView:
        """Count whom a batch would name; nothing is written but the audit."""
        async with desk.open_records() as records:
            said, _ = await _drawn(records, desk, asked)
            await records.note(access.entry(desk.clock.now(), "visits.previewed", str(asked.day)))
        return BatchView.model_validate({**said, "batch": None})

    @made.post("/v1/visit-batches", openapi_extra=BODY)
    async def generate_visits(access: Generator, asked: Asked) -> BatchView:
        """Land a batch; the same request under the same rules again is the same batch."""
        now = desk.clock.now()
        async with desk.open_records() as records:
            name = batch_name(desk, asked)
            tasks = await visits.known(records, asked.day.year)
            row = await visits.batch(records, name)
            if row is None:
                said, new = await _drawn(records, desk, asked, tasks)
                by = {"generated_by": access.principal.name, "generated_at": now}
                await visits.land(records, {**said, **by}, new)
                row = await visits.batch(records, name)
            await records.note(access.entry(now, "visits.generated", name))
        return BatchView.model_validate(row)

    return made


def batch_name(desk: Desk, asked: Generation) -> str:
    """Return a batch's number: derived from all that determines whom it names, but the facts."""
    rules = desk.visits.fingerprint
    drawn = hashlib.sha256(f"{asked.day}|{_seed(asked)}|{rules}".encode()).hexdigest()
    return f"HF{asked.day:%Y%m%d}-{drawn[:12]}"


async def _drawn(
    records: Records, desk: Desk, asked: Generation, known: Sequence[Task] | None = None
) -> tuple[dict[str, Any], list[Task]]:
    """Return what a batch says of itself, and the tasks with what is new in them."""
    (closed,) = await records.rows(CLOSED, day=asked.day)
    if not closed["n"]:
        raise Refusal(409, "day: no trading day that was closed")
    tasks = await visits.known(records, asked.day.year) if known is None else known
    try:
        rows = await figures(records, desk.visits, asked.day, desk.calendar)
    except OutsideCoverage:
        raise Refusal(409, "day: outside the calendar") from None
    selection = await asyncio.to_thread(_selected, desk, rows, asked.day, _seed(asked))
    new = merge(selection, tasks)
    open_ = {(task.customer_id, task.round) for task in tasks}
    joined = sum((task.customer_id, task.round) in open_ for task in new)
    return {
        "batch": batch_name(desk, asked),
        "year": asked.day.year,
        "trading_day": asked.day,
        "seed": _seed(asked),
        "rules": desk.visits.model_dump(mode="json"),
        "clients": selection.clients,
        "tallies": {name: asdict(tally) for name, tally in selection.tallies.items()},
        "selected": len(selection.reasons),
        "opened": len(new) - joined,
        "joined": joined,
        "generated_by": None,
        "generated_at": None,
    }, new


def _selected(desk: Desk, rows: Rows, day: date, seed: str) -> Selection:
    clients = [figures_of(row, desk.visits, day, desk.cipher) for row in rows]
    return select(clients, desk.visits.rules, day, seed)


def _seed(asked: Generation) -> str:
    return asked.seed or str(asked.day.year)
