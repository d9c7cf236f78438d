"""markdown消息 — up to 2,048 bytes, shown as it was written."""

from collections.abc import Mapping
from typing import Any

import msgspec

from deploy.sandbox.content import Content, limited, shaped

BYTES = 2048
TITLE_CHARACTERS = 26


class Markdown(msgspec.Struct):
    """``markdown`` of a request."""

    content: str


def read(request: Mapping[str, Any]) -> Content:
    """Return what the request says; its title is its first line without the marks."""
    content = limited("markdown.content", shaped(request, "markdown", Markdown).content, BYTES)
    return Content(content.strip().splitlines()[0].strip("#*> ")[:TITLE_CHARACTERS], content)
