"""Quantiles of latencies, window by window."""

import math
from collections.abc import Iterable, Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of the values do not exceed.

    >>> percentile([5, 1, 4, 2, 3], 0.99), percentile([5, 1, 4, 2, 3], 0.5)
    (5, 3)
    """
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def windows(latencies: Iterable[tuple[float, float]], size: float) -> list[list[float]]:
    """Deal (due, latency) pairs into windows of ``size`` seconds by when they were due."""
    dealt: dict[int, list[float]] = {}
    for due, latency in latencies:
        dealt.setdefault(int(due // size), []).append(latency)
    return [dealt[number] for number in sorted(dealt)]


def typical_p99(dealt: Sequence[Sequence[float]]) -> float:
    """Return the median over the windows of each one's 99th percentile."""
    return median(percentile(window, 0.99) for window in dealt)
