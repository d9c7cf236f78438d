"""Markdown from tables and docstrings."""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

Paragraphs = Iterator[str]
"""A page, part by part."""


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    r"""Return a table; a bar inside a cell is kept apart from the table's own.

    >>> print(table(("a", "b"), [("1|2", "x  y")]))
    | a | b |
    |---|---|
    | 1\|2 | x y |
    """
    rule = "|" + "---|" * len(head)
    lines = [_line(head), rule, *(_line(cells) for cells in body)]
    return "\n".join(lines)


def said(documented: object) -> str:
    """Return a docstring as Markdown: its code marks single, its lines joined by paragraph."""
    text = (inspect.getdoc(documented) or "").replace("``", "`")
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def first_sentence(documented: object) -> str:
    """Return the docstring's first paragraph."""
    return said(documented).split("\n\n", maxsplit=1)[0]


def _line(cells: Sequence[str]) -> str:
    plain = (re.sub(r"(?<!\\)\|", r"\\|", " ".join(cell.split())) for cell in cells)
    return "| " + " | ".join(plain) + " |"
