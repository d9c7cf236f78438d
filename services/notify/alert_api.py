"""``GET /v1/alerts/{alert_id}``: everything of one alert.

Every look is in the audit before the answer leaves. Out of reach and unknown are answered alike,
and both are in the audit.
"""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.notify.desk import Console, Desk, sight_of
from services.notify.domain.inbox import Entry
from services.notify.history_views import HistoryView, history_view
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission, Sight
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.ALERTS_READ)]


def router(desk: Desk) -> APIRouter:
    """Return the endpoint."""
    made = APIRouter(responses=described(400, 401, 403, 404, 503))

    @made.get("/v1/alerts/{alert_id}")
    async def read_alert(alert_id: UUID, access: Reader) -> HistoryView:
        """Tell everything of an alert: revisions, decisions, attempts, receipts, answers."""
        async with desk.open_console() as console:
            found = await seen(desk, console, access, (alert_id, "alert.read"))
            history = await console.history(alert_id) if found else None
        if found is None or history is None:
            raise Refusal(404, "no such alert")
        entry, sight = found
        return history_view(entry, history, sight)

    return made


async def seen(
    desk: Desk, console: Console, access: Access, look: tuple[UUID, str]
) -> tuple[Entry, Sight] | None:
    """Return an alert and how much of it is seen; the audit notes it, out of reach or not."""
    alert_id, action = look
    entry = await console.entry(alert_id)
    sight = None if entry is None else await sight_of(access, console, entry)
    note = access.entry(desk.wall.now(), action, str(alert_id))
    await console.trail.write(note if sight is not None else replace(note, outcome="refused"))
    return None if entry is None or sight is None else (entry, sight)
