"""``/v1/stars``: the clients whom one has starred (关注), each person's own."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query

from services.profile.adapters import saved_segments
from services.profile.desk import Desk
from services.profile.list_views import Listed
from services.profile.pages import Page
from services.profile.segment_members import MemberRow, listed, page
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]


def router(desk: Desk) -> APIRouter:
    """Return the stars; a client who is out of reach now is not shown, the star stays."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/stars")
    async def list_starred(access: Reader, asked: Annotated[Page, Query()]) -> Listed[MemberRow]:
        """List the accounts of the starred clients, by account."""
        where = saved_segments.starred(access.scope(), access.principal.name)
        async with desk.open_records() as records:
            rows = await page(records, where, asked)
            await records.note(access.entry(desk.clock.now(), "stars.listed", "all"))
        return listed(desk, access, rows, asked)

    @made.put("/v1/stars/{client}", status_code=204, responses=described(404))
    async def star(client: Code, access: Reader) -> None:
        """Star a client in reach."""
        await _star(desk, access, client, starred=True)

    @made.delete("/v1/stars/{client}", status_code=204, responses=described(404))
    async def unstar(client: Code, access: Reader) -> None:
        """Star a client no longer."""
        await _star(desk, access, client, starred=False)

    return made


async def _star(desk: Desk, access: Access, client: str, starred: bool) -> None:
    look = access.entry(
        desk.clock.now(), "client.starred" if starred else "client.unstarred", client
    )
    async with desk.open_records() as records:
        there = bool(await saved_segments.reached(records, access.scope(), [client]))
        if there:
            await saved_segments.star(records, access.principal.name, client, starred)
        await records.note(look if there else replace(look, outcome="refused"))
    if not there:
        raise Refusal(404, "没有这位客户 · no such client")
