"""The examples of a rule, as its runbook tells them: what happened, and what was told.

A row ``| 正 | … | … |`` is one in which the rule speaks, ``| 反 | … | — |`` one in which it must
not. The tests play them all; the page of the rules shows them.
"""

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "docs" / "runbooks"
NOTHING = "—"


class Example(NamedTuple):
    """One row; ``happened`` and ``told`` are phrases between ``；``."""

    rule: str
    positive: bool
    happened: str
    told: str


def examples(rule: str) -> list[Example]:
    """Return what a rule's runbook shows; without a runbook nothing."""
    path = FOLDER / f"{rule}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    rows = re.findall(r"^\| ([正反]) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    return [Example(rule, kind == "正", happened, told) for kind, happened, told in rows]
