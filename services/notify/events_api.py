"""``GET /v1/inbox/events``: what changes in my inbox, as it changes (server-sent events).

Each event is an alert as it stands now; its id is its place, which a browser gives back in
``Last-Event-ID``. A connection is judged anew with each look: when its token has ended, or the
service does, it ends, and whoever comes again goes on where it was.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.notify.adapters.rounds import Bell
from services.notify.desk import Desk, mine, view_for
from services.notify.domain.inbox import Entry
from shared.web.access import Access
from shared.web.described import DETAIL, described
from shared.web.gate import allowed, judged_anew
from shared.web.permissions import Permission
from shared.web.refusal import Refusal
from shared.web.refusal import described as refusals

AT_ONCE, LAST = 100, 2**63 - 1
LOOK_AGAIN_SECONDS = 10.0  # whoever is told nothing is judged anew
COME_AGAIN_MS = 3000
REFUSED = {  # in JSON, unlike the stream
    status: described(said["description"], DETAIL)
    for status, said in refusals(400, 401, 403, 429, 503).items()
}
Reader = Annotated[Access, allowed(Permission.ALERTS_READ)]
Place = Annotated[int | None, Query(ge=0, le=LAST, description="``place`` of an inbox page")]
LastId = Annotated[int | None, Header(ge=0, le=LAST, description="the last event that came")]


@dataclass(frozen=True)
class Seat:
    """Where somebody follows from, and what rings."""

    bell: Bell
    place: int


def router(desk: Desk) -> APIRouter:
    """Return the endpoint."""
    made = APIRouter(responses=REFUSED)

    async def seat(
        access: Reader, after: Place = None, last_event_id: LastId = None
    ) -> AsyncIterator[Seat]:
        me = access.principal.name
        known = after if last_event_id is None else last_event_id
        with desk.live.follow(me) as bell:
            async with desk.open_console() as console:
                place = await console.place() if known is None else known
                await console.trail.write(access.entry(desk.wall.now(), "inbox.followed", me))
            yield Seat(bell, place)

    @made.get("/v1/inbox/events", response_class=EventSourceResponse)
    async def follow_inbox(
        request: Request, access: Reader, seat: Annotated[Seat, Depends(seat)]
    ) -> AsyncIterator[ServerSentEvent]:
        """Follow my inbox: events ``alert``, a comment every 15 s. No place: from now on."""
        place = seat.place
        yield ServerSentEvent(comment="following", retry=COME_AGAIN_MS)
        while not desk.live.closed:
            try:
                access = await judged_anew(request, access)
                entries = await _changed(desk, access, place)
            except Refusal:
                return  # whoever comes again is told why
            for entry in entries:
                place = entry.changed
                yield ServerSentEvent(data=view_for(access, entry), event="alert", id=str(place))
            if len(entries) < AT_ONCE:
                await seat.bell.wait(LOOK_AGAIN_SECONDS)

    return made


async def _changed(desk: Desk, access: Access, place: int) -> list[Entry]:
    people = mine(access.tree, access.principal.name)
    async with desk.open_console() as console:
        return list(await console.changed(people, place, AT_ONCE))
