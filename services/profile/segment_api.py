"""``/v1/segments``: the key groups, who is in one, and what a condition would find."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter

from services.profile.adapters.segments import counted, members
from services.profile.desk import Desk
from services.profile.domain.conditions import Asked
from services.profile.list_views import Listed
from services.profile.pages import Page
from services.profile.segment_book import KeyGroup, key_groups
from services.profile.segment_members import MemberRow, listed, meeting, page, running_day, shown
from services.profile.view import View
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.body import in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
SAMPLE = 10
EXAMPLES: dict[str, Any] = {
    "large, idle": {
        "condition": {
            "and": [
                {"field": "equity", "operator": ">=", "value": "500000"},
                {"field": "traded_days", "operator": "=", "value": 0, "days": 20},
            ]
        }
    }
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["condition"],
                    "properties": {"condition": {"type": "object"}},
                },
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            }
        },
    }
}
"""A condition holds conditions: its grammar is the documentation's, not OpenAPI's."""
Tried = Annotated[Asked, Depends(in_json(TypeAdapter(Asked)))]


class SegmentView(View):
    """客群 — ``known``: a source tells who is in it."""

    segment: str
    name: str
    english: str
    known: bool
    condition: dict[str, Any] | None


class Preview(View):
    """What a condition finds within reach, as of the trading day that runs; ``sample``: a few."""

    trading_day: date
    clients: int
    accounts: int
    sample: list[MemberRow]


def router(desk: Desk) -> APIRouter:
    """Return the questions about segments; each sees the own clients alone."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/segments")
    async def list_segments(access: Reader) -> list[SegmentView]:
        """List the key groups with their conditions."""
        async with desk.open_records() as records:
            await records.note(access.entry(desk.clock.now(), "segments.listed", "all"))
        return [_view(code, group) for code, group in key_groups().items()]

    @made.post("/v1/segments/preview", openapi_extra=BODY, responses=described(413))
    async def preview_segment(access: Reader, tried: Tried) -> Preview:
        """Say how many clients in reach meet a condition, and show some."""
        async with desk.open_records() as records:
            day = await running_day(records, desk)
            where = meeting(desk, access, tried.condition, day)
            found = await counted(records, where)
            rows = await members(records, where, None, SAMPLE)
            await records.note(access.entry(desk.clock.now(), "segment.previewed", "all"))
        return Preview(trading_day=day, sample=shown(desk, access, rows), **found)

    @made.get("/v1/segments/{segment}/clients", responses=described(404, 409))
    async def list_members(
        segment: Code, access: Reader, asked: Annotated[Page, Query()]
    ) -> Listed[MemberRow]:
        """List the accounts of a segment, by account."""
        group = key_groups().get(segment)
        look = access.entry(desk.clock.now(), "segment.read", segment)
        async with desk.open_records() as records:
            if group is None or group.condition is None:
                await records.note(replace(look, outcome="refused"))
                rows = None
            else:
                day = await running_day(records, desk)
                rows = await page(records, meeting(desk, access, group.condition, day), asked)
                await records.note(look)
        if group is None:
            raise Refusal(404, "没有这个客群 · no such segment")
        if rows is None:
            raise Refusal(409, f"{group.name}: 还没有来源告知 · no source tells yet")
        return listed(desk, access, rows, asked)

    return made


def _view(code: str, group: KeyGroup) -> SegmentView:
    held = group.condition
    said = held.model_dump(by_alias=True, exclude_none=True) if held else None
    return SegmentView(
        segment=code,
        name=group.name,
        english=group.english,
        known=held is not None,
        condition=said,
    )
