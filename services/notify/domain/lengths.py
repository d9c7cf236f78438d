"""长度 — a text within what a channel takes: never in the middle of a character or of a figure."""

import re

FIGURE = re.compile(r"[-+]?\d[\d,.:\-]*(?:[%‰]|[万亿]?元|万|亿|手|天|个|条)?")
"""An amount, a ratio, a date or a count, with its unit."""
SINGLE, JOINED = 70, 67


def cut(text: str, limit: int) -> str:
    """Return the text in at most ``limit`` characters, the last one … when something is missing.

    >>> cut("今日累计出金", 6), cut("今日累计出金", 5), cut("出金5,000,000元", 8)
    ('今日累计出金', '今日累计…', '出金…')
    """
    return text if len(text) <= limit else _whole(text, max(limit - 1, 0)) + "…"


def fitted(text: str, tail: str, limit: int) -> str:
    """Return text and tail in at most ``limit`` bytes of UTF-8: the tail whole, the text with ….

    >>> fitted("今日累计出金", "·1", 21), fitted("今日累计出金", "·1", 15)
    ('今日累计出金·1', '今日累…·1')
    """
    room, raw = limit - len(tail.encode()), text.encode()
    if len(raw) <= room:
        return text + tail
    kept = raw[: room - len("…".encode())].decode(errors="ignore")
    return _whole(text, len(kept)) + "…" + tail


def parts(text: str) -> int:
    """Return how many SMS a text with its 签名 is charged as: one to 70 characters, then 67 each.

    A character outside the basic plane counts twice, as in UCS-2.

    >>> parts("潮" * 70), parts("潮" * 71), parts("潮" * 135), parts("😀" * 36)
    (1, 2, 3, 2)
    """
    length = size(text)
    return 1 if length <= SINGLE else -(-length // JOINED)


def size(text: str) -> int:
    """Return how many characters an operator counts."""
    return len(text.encode("utf-16-le")) // 2


def room(most: int) -> int:
    """Return how many characters so many parts hold."""
    return SINGLE if most == 1 else most * JOINED


def _whole(text: str, end: int) -> str:
    """Return the text up to ``end``, or up to the figure that ``end`` would cut in two."""
    for found in FIGURE.finditer(text):
        if found.start() < end < found.end():
            return text[: found.start()]
    return text[:end]
