"""HTTP: the page behind a card's link, 加入待办, 答复. A signature opens it: ``domain.links``."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from services.notify import page
from services.notify.answer_api import FORBIDDEN, answers, back, html, query
from services.notify.answering import Given
from services.notify.domain.later import offered
from services.notify.domain.links import ANSWER, TODO, VIEW, Signer
from services.notify.domain.view import View
from shared.clock import Clock
from shared.kernel.trading_day import Calendar

Short = Annotated[str, Query(max_length=80)]


class Records(Protocol):
    """The ledger's read side, as the page sees it."""

    async def view(self, alert_id: UUID, staff_id: str) -> View | None: ...
    async def add_todo(self, alert_id: UUID, staff_id: str, now: datetime) -> bool: ...


class Answers(Protocol):
    """Takes answers, at the business time; by the calendar the times of 稍后 are chosen."""

    @property
    def clock(self) -> Clock: ...
    @property
    def calendar(self) -> Calendar: ...
    async def take(self, given: Given) -> str: ...


UNKNOWN = ("没有这条提醒", "编号不存在，请从原消息中重新打开。")


def router(records: Records, signer: Signer, answering: Answers) -> APIRouter:
    """Return the addresses.

    A bad signature is 403, an unknown alert 404, an address that cannot be read 400, an unfit
    answer 422.
    """
    made = APIRouter()

    @made.get("/alerts/{alert_id}", response_class=HTMLResponse)
    async def show(alert_id: UUID, to: Short = "", sig: Short = "") -> Response:
        if not signer.holds(str(alert_id), to, VIEW, sig):
            return html(page.refusal(*FORBIDDEN), 403)
        view = await records.view(alert_id, to)
        if view is None:
            return html(page.refusal(*UNKNOWN), 404)
        posts = page.Posts(
            todo=f"/alerts/{alert_id}/todo?{query(signer, alert_id, to, TODO)}",
            answer=f"/alerts/{alert_id}/answer?{query(signer, alert_id, to, ANSWER)}",
        )
        return html(page.render(view, posts, offered(answering.clock.now(), answering.calendar)))

    @made.post("/alerts/{alert_id}/todo", response_class=HTMLResponse)
    async def add_todo(alert_id: UUID, to: Short = "", sig: Short = "") -> Response:
        if not signer.holds(str(alert_id), to, TODO, sig):
            return html(page.refusal(*FORBIDDEN), 403)
        if not await records.add_todo(alert_id, to, answering.clock.now()):
            return html(page.refusal(*UNKNOWN), 404)
        return back(signer, alert_id, to)

    made.include_router(answers(signer, answering.take))
    return made
