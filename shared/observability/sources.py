"""数据源的标签 — a source's name as a metric's label: no client's number, and not too many."""

import re
from typing import Final

MOST: Final = 50
OTHERS: Final = "others"
_NUMBER = re.compile(r"\d{4,}")
_known: set[str] = set()


def source_label(source: str) -> str:
    """Return the label of a source, whoever chose its name.

    >>> source_label("counter/80012345")
    'counter/#'
    """
    label = _NUMBER.sub("#", source)[:40]
    if label not in _known:
        if len(_known) >= MOST:
            return OTHERS
        _known.add(label)
    return label
