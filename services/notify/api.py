"""HTTP: the page behind a card's link, and 加入待办. A signature opens it: ``domain.links``."""

from datetime import datetime
from typing import Annotated, Protocol
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.notify import page
from services.notify.domain.links import TODO, VIEW, Signer
from services.notify.domain.view import View
from shared.clock import Clock

Short = Annotated[str, Query(max_length=80)]


class Records(Protocol):
    """The ledger's read side, as the page sees it."""

    async def view(self, alert_id: UUID, staff_id: str) -> View | None: ...
    async def add_todo(self, alert_id: UUID, staff_id: str, now: datetime) -> bool: ...


FORBIDDEN = ("无法打开", "链接无效或不完整，请从原消息中重新打开。")
UNKNOWN = ("没有这条提醒", "编号不存在，请从原消息中重新打开。")


def router(records: Records, signer: Signer, clock: Clock) -> APIRouter:
    """Return the two addresses; a bad signature is 403 and an unknown alert 404."""
    made = APIRouter()

    @made.get("/alerts/{alert_id}", response_class=HTMLResponse)
    async def show(alert_id: UUID, to: Short = "", sig: Short = "") -> Response:
        if not signer.holds(str(alert_id), to, VIEW, sig):
            return _answer(page.refusal(*FORBIDDEN), 403)
        view = await records.view(alert_id, to)
        if view is None:
            return _answer(page.refusal(*UNKNOWN), 404)
        return _answer(page.render(view, to, signer.sign(str(alert_id), to, TODO)))

    @made.post("/alerts/{alert_id}/todo", response_class=HTMLResponse)
    async def add_todo(alert_id: UUID, to: Short = "", sig: Short = "") -> Response:
        if not signer.holds(str(alert_id), to, TODO, sig):
            return _answer(page.refusal(*FORBIDDEN), 403)
        if not await records.add_todo(alert_id, to, clock.now()):
            return _answer(page.refusal(*UNKNOWN), 404)
        back = urlencode({"to": to, "sig": signer.sign(str(alert_id), to, VIEW)})
        return RedirectResponse(f"/alerts/{alert_id}?{back}", 303, headers=page.HEADERS)

    return made


def _answer(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, headers=page.HEADERS)
