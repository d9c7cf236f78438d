"""What is in force while a row runs: nearly every rule, and a policy under which all is told.

``KEPT_BACK``: rules whose alerts notify keeps until the next morning, when a later revision may
have overtaken them; how often that happens is not the oracle's matter.
"""

from pathlib import Path
from typing import Any

import yaml

from services.mot.rules import SHIPPED as SHIPPED_RULES
from tests.kit.oracle.rules import EVERY
from tests.kit.policy import by_day_and_night

KEPT_BACK = frozenset({"weekly_loss"})
LINES: dict[str, Any] = yaml.safe_load(SHIPPED_RULES.read_text(encoding="utf-8"))
RULES = frozenset(LINES.keys() & EVERY - KEPT_BACK)


def settings(folder: Path) -> dict[str, str]:
    """Write the two files and return the variables that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"rules": _rules(), "policy": _policy()}
    for name, content in told.items():
        text = yaml.safe_dump(content, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return {
        "MOT_RULES": str((folder / "rules.yaml").resolve()),
        "NOTIFY_POLICY": str((folder / "policy.yaml").resolve()),
    }


def _rules() -> dict[str, Any]:
    return {name: lines for name, lines in LINES.items() if name in RULES}


def _policy() -> dict[str, Any]:
    """The product's, but by day and night, and a confirmation is always news."""
    return {**by_day_and_night(), "tell_confirmed": sorted(RULES)}
