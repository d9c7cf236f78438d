"""配额 — how full the fullest window was of what a gateway was asked, against what it allows."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notify.domain.budget import Window


def quota_ratio(
    journal: Iterable[Mapping[str, Any]], channel: str, windows: Sequence[Window]
) -> float:
    """Return the most that was asked within a window, divided by what it holds: 1 is full.

    ``channel``: the gateway's word for it. Each request counts, whatever was answered; times are
    the gateway's. A window is (t - its seconds, t], and the whole channel's or one receiver's.
    """
    asked = [(datetime.fromisoformat(e["at"]), e["to"]) for e in journal if e["channel"] == channel]
    return round(max((_fullest(asked, one) for one in windows), default=0.0), 4)


def _fullest(asked: Iterable[tuple[datetime, str]], window: Window) -> float:
    times = defaultdict[str, list[datetime]](list)
    for at, to in asked:
        times["" if window.per == "channel" else to].append(at)
    most = max((_most(sorted(of), window.span) for of in times.values()), default=0)
    return most / (window.reserve or window.limit)


def _most(times: Sequence[datetime], span: timedelta) -> int:
    return max(n - bisect_right(times, at - span) for n, at in enumerate(times, 1))
