"""``/v1/saved-segments``: segments that people keep, by a condition or as a list of clients."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query

from services.profile.adapters import saved_segments
from services.profile.adapters.clients import Row
from services.profile.adapters.records import Records
from services.profile.desk import Desk
from services.profile.domain.conditions import Condition
from services.profile.list_views import Listed
from services.profile.pages import Cursor, Page
from services.profile.saved_segment_views import BODY, SAVED, Saved, SavedView
from services.profile.segment_members import MemberRow, listed, meeting, page, running_day
from shared.db.row_scope import Where
from shared.web.access import Access
from shared.web.body import in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
Told = Annotated[Saved, Depends(in_json(SAVED))]
MOST_KEPT = 100
PLACE = Cursor(segment=UUID)


def router(desk: Desk) -> APIRouter:
    """Return the questions about kept segments; who may not see one is told there is none."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/saved-segments")
    async def list_saved(access: Reader, asked: Annotated[Page, Query()]) -> Listed[SavedView]:
        """List one's own segments and those that are shared."""
        after = (PLACE.read(asked.after) or {}).get("segment")
        me = access.principal.name
        async with desk.open_records() as records:
            rows = await saved_segments.kept(records, me, after, asked.limit)
            await records.note(access.entry(desk.clock.now(), "saved-segments.listed", "all"))
        return Listed(rows=[_view(row, me) for row in rows], next=PLACE.next(rows, asked.limit))

    @made.post(
        "/v1/saved-segments", status_code=201, openapi_extra=BODY, responses=described(409, 413)
    )
    async def save_segment(access: Reader, told: Told) -> SavedView:
        """Keep a new segment."""
        return await _save(desk, access, uuid4(), told, fresh=True)

    @made.put(
        "/v1/saved-segments/{segment}", openapi_extra=BODY, responses=described(404, 409, 413)
    )
    async def change_segment(segment: UUID, access: Reader, told: Told) -> SavedView:
        """Keep one's own segment as it is now said to be."""
        return await _save(desk, access, segment, told, fresh=False)

    @made.delete("/v1/saved-segments/{segment}", status_code=204, responses=described(404))
    async def delete_segment(segment: UUID, access: Reader) -> None:
        """Delete one's own segment."""
        await _delete(desk, access, segment)

    @made.get("/v1/saved-segments/{segment}/clients", responses=described(404))
    async def list_saved_members(
        segment: UUID, access: Reader, asked: Annotated[Page, Query()]
    ) -> Listed[MemberRow]:
        """List the accounts in reach of a kept segment, by account."""
        look = access.entry(desk.clock.now(), "saved-segment.read", f"{segment}")
        async with desk.open_records() as records:
            row = await saved_segments.one(records, access.principal.name, segment)
            rows = (
                await page(records, await _where(desk, access, records, row), asked) if row else []
            )
            await records.note(look if row else replace(look, outcome="refused"))
        if row is None:
            raise _none()
        return listed(desk, access, rows, asked)

    return made


async def _delete(desk: Desk, access: Access, segment: UUID) -> None:
    look = access.entry(desk.clock.now(), "saved-segment.deleted", f"{segment}")
    async with desk.open_records() as records:
        own = {row["segment"] for row in await saved_segments.owned(records, access.principal.name)}
        if segment in own:
            await saved_segments.drop(records, segment)
        await records.note(look if segment in own else replace(look, outcome="refused"))
    if segment not in own:
        raise _none()


async def _save(desk: Desk, access: Access, segment: UUID, told: Saved, fresh: bool) -> SavedView:
    me, now = access.principal.name, desk.clock.now()
    look = access.entry(now, "saved-segment.saved", f"{segment}")
    async with desk.open_records() as records:
        own = await saved_segments.owned(records, me)
        lost = set(told.clients) - await saved_segments.reached(
            records, access.scope(), told.clients
        )
        why = _why_not(own, segment, told, fresh) or _lost(told, lost)
        if why is None:
            held = told.condition
            said = held.model_dump_json(by_alias=True, exclude_none=True) if held else None
            values = {"segment": segment, "name": told.name, "person": me, "at": now}
            await saved_segments.save(
                records, {**values, "shared": told.shared, "condition": said}, set(told.clients)
            )
        await records.note(look if why is None else replace(look, outcome="refused"))
        row = await saved_segments.one(records, me, segment)
    if why is not None or row is None:
        raise why or _none()
    return _view(row, me)


def _why_not(own: Any, segment: UUID, told: Saved, fresh: bool) -> Refusal | None:
    if not fresh and segment not in {row["segment"] for row in own}:
        return _none()
    if told.name in {row["name"] for row in own if row["segment"] != segment}:
        return Refusal(409, "name: 已有同名的客群 · you keep one of this name")
    if fresh and len(own) >= MOST_KEPT:
        return Refusal(409, f"最多存 {MOST_KEPT} 个 · you keep {MOST_KEPT} already")
    return None


def _lost(told: Saved, lost: set[str]) -> Refusal | None:
    """Refuse a list with clients out of reach, naming the places."""
    if not lost:
        return None
    places = [f"clients.{n}" for n, client in enumerate(told.clients) if client in lost]
    more = f" +{len(places) - 10}" if len(places) > 10 else ""  # noqa: PLR2004 a line's worth
    return Refusal(400, f"{', '.join(places[:10])}{more}: 没有这位客户 · no such client")


async def _where(desk: Desk, access: Access, records: Records, row: Row) -> Where:
    if row["condition"] is None:
        return saved_segments.listed(access.scope(), row["segment"])
    condition = Condition.model_validate(row["condition"])
    return meeting(desk, access, condition, await running_day(records, desk))


def _none() -> Refusal:
    return Refusal(404, "没有这个客群 · no such segment")


def _view(row: Row, me: str) -> SavedView:
    return SavedView.model_validate({**row, "own": row["owner"] == me})
