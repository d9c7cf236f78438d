"""``GET /v1/inbox`` and ``POST /v1/alerts/search``: what I was told; what is in my reach."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.notify.desk import Desk, mine, view_for
from services.notify.domain.inbox import Entry, Outcome, Wanted
from services.notify.views import EXAMPLE, EntryPage
from shared.contracts.alerts import Urgency
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.body import body_described, in_json
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import described

MOST, LAST = 200, 2**63 - 1
Limit = Annotated[int, Field(ge=1, le=MOST, description="how many")]
Before = Annotated[int, Field(ge=1, le=LAST, description="``next`` of the page before")]
Reader = Annotated[Access, allowed(Permission.ALERTS_READ)]


class InboxPage(EntryPage):
    """``place``: give it to ``/v1/inbox/events`` as ``after``, and nothing is missed between."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"alerts": [EXAMPLE], "next": 120, "place": 4711}}
    )

    place: int


class Inbox(BaseModel):
    """Which of the alerts that I was told; what is left out is not asked."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    before: Before = LAST
    open: bool | None = Field(default=None, description="true: nobody has answered it for good")
    urgency: Urgency | None = None
    rule: Code | None = None
    day: date | None = Field(default=None, description="trading day")


class Search(BaseModel):
    """Which alerts of those in my reach; an account stands here, never in an address."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    before: Before = LAST
    open: bool | None = None
    urgency: Urgency | None = None
    rule: Code | None = None
    day_from: date | None = Field(default=None, description="trading day")
    day_to: date | None = Field(default=None, description="trading day, included")
    account: Code | None = Field(default=None, description="资金账号, whole")
    staff: Code | None = Field(default=None, description="who was told")
    outcome: Outcome | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump(exclude={"limit", "before"}))


SEARCH = TypeAdapter(Search)
EXAMPLES: dict[str, Any] = {
    "一条规则": {"rule": "large_withdrawal", "day_from": "2026-06-01", "outcome": "told"},
    "一个账户": {"account": "80012345", "open": True},
}


def router(desk: Desk) -> APIRouter:
    """Return the two lists."""
    made = APIRouter()

    @made.get("/v1/inbox", responses=described(400, 401, 403, 503))
    async def read_inbox(access: Reader, asked: Annotated[Inbox, Query()]) -> InboxPage:
        """List what I was told, and what those were told whose clients I have; newest first."""
        wanted = Wanted(asked.open, asked.urgency, asked.rule, asked.day, asked.day)
        me = access.principal.name
        look = access.entry(desk.wall.now(), "inbox.read", me)
        async with desk.open_console() as console:
            place = await console.place()
            people = mine(access.tree, me)
            entries = await console.inbox(people, wanted, asked.before, asked.limit)
            await console.trail.write(look)
        return InboxPage(**_page(access, entries, asked.limit).model_dump(), place=place)

    @made.post(
        "/v1/alerts/search",
        responses=described(400, 401, 403, 413, 503),
        openapi_extra=body_described(SEARCH, EXAMPLES),
    )
    async def search_alerts(
        access: Reader, asked: Annotated[Search, Depends(in_json(SEARCH))]
    ) -> EntryPage:
        """Find alerts in my reach, told or not; newest first."""
        told = asked.model_dump(exclude_none=True, exclude={"limit", "before"})
        look = access.entry(desk.wall.now(), "alerts.searched", asked.account or "all")
        look = replace(look, fields=tuple(sorted(told)))
        async with desk.open_console() as console:
            people = mine(access.tree, access.principal.name)
            page = (asked.before, asked.limit)
            entries = await console.search(access.scope(), people, asked.wanted, page)
            await console.trail.write(look)
        return _page(access, entries, asked.limit)

    return made


def _page(access: Access, entries: Sequence[Entry], limit: int) -> EntryPage:
    views = [view_for(access, one) for one in entries]
    return EntryPage(alerts=views, next=entries[-1].number if len(entries) == limit else None)
