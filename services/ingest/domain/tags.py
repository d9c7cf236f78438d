"""标签 — the columns of a directory file that we do not know are kept as tags.

A tag travels in clear, so a value that looks like a phone, id or card number is masked first.
"""

import re

from services.ingest.domain.rows import BadRow
from services.ingest.domain.source import Cells
from shared.kernel.masking import BankCard, IdNumber, Personal, Phone

LONGEST_NAME, LONGEST_VALUE = 40, 200

_PERSONAL: tuple[tuple[re.Pattern[str], type[Personal]], ...] = (
    (re.compile(r"(\+?86)?1[3-9]\d{9}"), Phone),
    (re.compile(r"\d{17}[\dXx]"), IdNumber),
    (re.compile(r"\d{16}|\d{17}|\d{19}"), BankCard),
)


def tags_of(cells: Cells, known: frozenset[str]) -> dict[str, str]:
    """Return the filled columns that are not ``known``; raises ``BadRow`` for an overlong one.

    >>> tags_of({"account": "1", "等级": "金", "手机": "13812345678"}, frozenset({"account"}))
    {'等级': '金', '手机': '138****5678'}
    """
    tags = {name: _masked(text) for name, text in cells.items() if text and name not in known}
    for name, text in tags.items():
        if len(name) > LONGEST_NAME or len(text) > LONGEST_VALUE:
            raise BadRow(
                name[:LONGEST_NAME], f"a tag's value is at most {LONGEST_VALUE} characters"
            )
    return tags


def _masked(text: str) -> str:
    for shape, mask in _PERSONAL:
        if shape.fullmatch(text):
            return str(mask(text))
    return text
