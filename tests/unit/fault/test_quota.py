"""The ratio to the quota finds the fullest window, wherever it begins."""

from datetime import timedelta
from typing import Any

import pytest

from services.notify.domain.budget import Window
from tests.fault.quota import quota_ratio
from tests.kit.alerts import MOMENT

MINUTE = Window(per="receiver", seconds=60, limit=2, reserve=4)
WHOLE = Window(per="channel", seconds=60, limit=5)


def entry(second: float, to: str = "m1", **given: str) -> dict[str, Any]:
    at = (MOMENT + timedelta(seconds=second)).isoformat()
    return {"channel": "wecom", "to": to, "at": at, "outcome": "faulted"} | given


@pytest.mark.parametrize(
    ("journal", "ratio"),
    [
        ([], 0.0),
        ([entry(0)], 0.25),
        ([entry(0), entry(0), entry(59.9), entry(60)], 0.75),
        ([entry(50), entry(70), entry(109), entry(100)], 1.0),  # astride a minute, in any order
        ([entry(n) for n in range(5)], 1.25),
        ([entry(0), entry(0, channel="sms"), entry(0, channel="sms")], 0.25),
        ([entry(n, to=f"m{n}") for n in range(6)], 1.2),
    ],
)
def test_the_fullest_window_counts(journal: list[dict[str, Any]], ratio: float) -> None:
    assert quota_ratio(journal, "wecom", (MINUTE, WHOLE)) == ratio


def test_without_a_window_nothing_is_full() -> None:
    assert quota_ratio([entry(0)], "wecom", ()) == 0.0
