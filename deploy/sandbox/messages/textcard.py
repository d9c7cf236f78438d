"""文本卡片消息 — a title, a description and where a tap leads; too long is cut by the phone."""

from collections.abc import Mapping
from typing import Any

import msgspec

from deploy.sandbox.content import Content, limited, linked, shaped

BYTES = {"title": 128, "description": 512}
NEVER = 1 << 20


class TextCard(msgspec.Struct):
    """``textcard`` of a request."""

    title: str
    description: str
    url: str
    btntxt: str = "详情"


def read(request: Mapping[str, Any]) -> Content:
    """Return what the request says."""
    card = shaped(request, "textcard", TextCard)
    linked("textcard.url", card.url)
    for field in BYTES:
        limited(f"textcard.{field}", getattr(card, field), NEVER)
    overlong = [
        f"textcard.{field}"
        for field, most in BYTES.items()
        if len(getattr(card, field).encode(errors="replace")) > most
    ]
    return Content(card.title, f"{card.title}\n{card.description}\n{card.btntxt}", tuple(overlong))
