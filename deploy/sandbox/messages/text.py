"""文本消息 — up to 2,048 bytes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from deploy.sandbox.content import Content, limited, shaped

BYTES = 2048
TITLE_CHARACTERS = 26


class Text(msgspec.Struct):
    """``text`` of a request."""

    content: str


def read(request: Mapping[str, Any]) -> Content:
    """Return what the request says; its title is its first line."""
    content = limited("text.content", shaped(request, "text", Text).content, BYTES)
    return Content(content.strip().splitlines()[0][:TITLE_CHARACTERS], content)
