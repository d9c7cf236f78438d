"""``GET /v1/audit``: who looked at what in notify, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.notify.desk import Desk
from shared.kernel.audit import Sought
from shared.web.access import Access
from shared.web.audit_page import LAST, AuditPage, Name, page_of
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import described

Auditor = Annotated[Access, allowed(Permission.AUDIT_READ)]
Limit = Annotated[int, Query(ge=1, le=200)]
Before = Annotated[int, Query(ge=1, le=LAST)]


def router(desk: Desk) -> APIRouter:
    """Return the list."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/audit")
    async def read_audit(
        access: Auditor,
        limit: Limit = 50,
        before: Before = LAST,
        actor: Name = None,
        subject: Name = None,
    ) -> AuditPage:
        """Read the audit; this is itself in the audit."""
        look = access.entry(desk.wall.now(), "audit.read", subject or actor or "all")
        async with desk.open_console() as console:
            links = await console.audit(Sought(before, limit, actor, subject))
            await console.trail.write(look)
        return page_of(links, limit)

    return made
