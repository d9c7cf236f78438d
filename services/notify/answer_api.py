"""HTTP: an answer posted from an alert's page, by the page's own signature."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.notify import page
from services.notify.answering import REPEATED, TAKEN, Given
from services.notify.domain.answer import asked
from services.notify.domain.links import ANSWER, VIEW, Signer
from shared.web.body import limited

Short = Annotated[str, Query(max_length=80)]
Take = Callable[[Given], Awaitable[str]]

FORBIDDEN = ("无法打开", "链接无效或不完整，请从原消息中重新打开。")
UNFIT = ("没有记下", "答复不完整、时间不对，或接手人不存在、无法送达。请返回后再试。")
LARGEST, FIELDS = 4096, 8  # of a form: bytes, fields


def answers(signer: Signer, take: Take) -> APIRouter:
    """Return the address; what cannot be taken is 422."""
    made = APIRouter()

    @made.post("/alerts/{alert_id}/answer", response_class=HTMLResponse)
    async def answer(request: Request, alert_id: UUID, to: Short = "", sig: Short = "") -> Response:
        if not signer.holds(str(alert_id), to, ANSWER, sig):
            return html(page.refusal(*FORBIDDEN), 403)
        fields = _form(await limited(request, LARGEST))
        said = asked(fields)
        given = None if said is None else Given(alert_id, to, said, fields.get("once", ""), "page")
        if given is None or await take(given) not in (TAKEN, REPEATED):
            return html(page.refusal(*UNFIT), 422)
        return back(signer, alert_id, to)

    return made


def query(signer: Signer, alert_id: UUID, to: str, purpose: str) -> str:
    """Return the query that opens an address of the alert to this person."""
    return urlencode({"to": to, "sig": signer.sign(str(alert_id), to, purpose)})


def back(signer: Signer, alert_id: UUID, to: str) -> Response:
    """Return the way back to the alert's page."""
    where = f"/alerts/{alert_id}?{query(signer, alert_id, to, VIEW)}"
    return RedirectResponse(where, 303, headers=page.HEADERS)


def html(text: str, status: int = 200) -> HTMLResponse:
    """Return a page with the headers that keep it to itself."""
    return HTMLResponse(text, status, headers=page.HEADERS)


def _form(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        return {}
