"""The policy of notify under which a test at any hour hears everything."""

from typing import Any

import yaml

from services.notify.policy import SHIPPED

TOLD_EACH: dict[str, Any] = {"inhibits": {}, "repeat_minutes": {}, "digest": None, "grouping": None}


def by_day_and_night() -> dict[str, Any]:
    """Return the product's policy without its quiet hours; each alert is a message of its own."""
    policy: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    awake = {"quiet_hours": {**policy["quiet_hours"], "urgencies": []}}
    return {**policy, **awake, **TOLD_EACH}
