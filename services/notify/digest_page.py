"""摘要页 — every alert that a digest stands for, each with the way to its own page."""

from collections.abc import Sequence
from html import escape
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from services.notify import page
from services.notify.domain.digest import Item, line
from services.notify.domain.links import DIGEST, Signer
from shared.kernel.trading_day import CHINA

Short = Annotated[str, Query(max_length=80)]
FORBIDDEN = ("无法打开", "链接无效或不完整，请从原消息中重新打开。")
UNKNOWN = ("没有这份摘要", "编号不存在，请从原消息中重新打开。")


class Digests(Protocol):
    """The ledger's digests, as the page sees them."""

    async def read(self, digest: UUID, staff_id: str) -> Sequence[Item]: ...


def router(digests: Digests, signer: Signer) -> APIRouter:
    """Return the address; a bad signature is 403 and an unknown digest 404."""
    made = APIRouter()

    @made.get("/digests/{digest}", response_class=HTMLResponse)
    async def show(digest: UUID, to: Short = "", sig: Short = "") -> HTMLResponse:
        if not signer.holds(str(digest), to, DIGEST, sig):
            return HTMLResponse(page.refusal(*FORBIDDEN), 403, headers=page.HEADERS)
        items = await digests.read(digest, to)
        if not items:
            return HTMLResponse(page.refusal(*UNKNOWN), 404, headers=page.HEADERS)
        return HTMLResponse(render(items, to, signer), headers=page.HEADERS)

    return made


def render(items: Sequence[Item], staff_id: str, signer: Signer) -> str:
    """Return the page for one member of staff, the items in the order they were decided."""
    lines = "".join(_line(item, staff_id, signer) for item in items)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>摘要</title><style>{page.STYLE}</style>'
        f"</head><body><main><header><p>观潮 · 摘要</p><h1>{len(items)}条提醒</h1></header>"
        f"<section><ol>{lines}</ol></section></main></body></html>"
    )


def _line(item: Item, staff_id: str, signer: Signer) -> str:
    alert = item.event.data
    url = escape(signer.links(str(alert.alert_id), staff_id).view)
    at = f"{alert.happened_at.astimezone(CHINA):%m-%d %H:%M:%S}"
    said = f"{escape(line(item))}：{escape(alert.summary)}"
    return f'<li><a href="{url}">{said}</a><small>{at}</small></li>'
