"""What is compared with what, the floor to accept and the aim."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Ratio(NamedTuple):
    """``of`` ÷ ``by``, of one run; at least ``floor``."""

    of: str
    by: str
    floor: float | None
    aim: float | None

    @property
    def name(self) -> str:
        return f"{self.of}/{self.by}"


class Limit(NamedTuple):
    """A figure that must not exceed ``floor``; with ``at_least`` it must not fall below it."""

    key: str
    floor: float
    aim: float
    unit: str
    at_least: bool = False


CLIENTS = 200_000
"""The broker for whose size profile's limits are meant."""
RATIOS = {
    "mot": (
        Ratio("w1_ours", "w1_raw", 0.25, 0.5),
        Ratio("w1_ours", "w1_quix", 3, 6),
        Ratio("w1_ours", "w1_bytewax", 0.9, 1.5),
        Ratio("w1_ours", "w1_pathway", 0.9, 1.5),
        Ratio("w1_ours", "w1_kafka_streams", 0.45, 1),
        Ratio("w1_ours", "w1_faust_table", 40, 80),
        Ratio("w2_ours", "w2_raw", 0.5, 0.9),
        Ratio("w2_ours", "w2_quix", 1.2, 2),
        Ratio("w2_ours", "w2_bytewax", 1.2, 2),
    ),
    "fd": (
        Ratio("fd_ours", "fd_raw", None, None),
        Ratio("fd_ours", "fd_kafka_streams", None, None),
    ),
    "ingest": (Ratio("push_eps", "bare_eps", None, None),),
    "notify": (Ratio("ours_per_s", "bare_per_s", 0.3, 0.9),),
    "profile": (
        Ratio("p99_360_ms", "hello_p99_ms", None, None),
        Ratio("p99_search_ms", "look_up_p99_ms", None, None),
        Ratio("visible_p99_ms", "consumed_p99_ms", None, None),
        Ratio("segment_ms", "scan_ms", None, None),
        Ratio("nightly_s", "insert_s", None, None),
    ),
}
LIMITS = (
    Limit("core_us", 12, 5, "µs"),
    Limit("latency_durable_p99_ms", 1000, 150, "ms"),
    Limit("latency_gateway_p99_ms", 3000, 500, "ms"),
    Limit("served_over_session", 2, 1.2, "×"),
    Limit("valkey_mib_per_million", 1024, 300, "MiB"),
    Limit("files_s", 600, 60, "s"),
    Limit("push_eps", 5000, 5000, "/s", at_least=True),
    Limit("p99_ms", 3000, 500, "ms"),
    Limit("urgent_behind_100k_ms", 3000, 500, "ms"),
    Limit("p99_360_ms", 100, 100, "ms"),
    Limit("p99_search_ms", 200, 200, "ms"),
    Limit("segment_ms", 2000, 2000, "ms"),
    Limit("visible_p99_ms", 2000, 2000, "ms"),
    Limit("nightly_s", 600, 600, "s"),
)
KEYS = {
    "mot": (
        "w1_ours", "w1_raw", "w1_quix", "w1_bytewax", "w1_pathway", "w1_kafka_streams",
        "w1_faust_table", "w2_ours", "w2_raw", "w2_quix", "w2_bytewax", "core_us",
        "latency_durable_p99_ms", "latency_gateway_p99_ms", "valkey_mib_per_million",
        "workers2_over_1", "served_over_session", "core_over_raw",
    ),
    "fd": ("fd_ours", "fd_raw", "fd_kafka_streams"),
    "notify": ("ours_per_s", "bare_per_s", "p99_ms", "urgent_behind_100k_ms"),
    "ingest": ("files_accounts", "files_s", "push_eps", "bare_eps"),
    "profile": (
        "clients", "p99_360_ms", "p99_search_ms", "segment_ms", "visible_p99_ms", "nightly_s",
        "hello_p99_ms", "look_up_p99_ms", "scan_ms", "consumed_p99_ms", "insert_s",
    ),
}  # fmt: skip
"""The figures of a row, in order; each is a number or null with its reason."""


def core_over_raw(figures: Mapping[str, float | None]) -> float | None:
    """Return how many records the bare loop drains (W1) while the core watches one event.

    It judges nothing: docs/decisions/0030.
    """
    core_us, raw = figures.get("core_us"), figures.get("w1_raw")
    return None if core_us is None or raw is None else round(core_us * raw / 1e6, 3)


def ratios(name: str, figures: Mapping[str, float | None]) -> dict[str, dict[str, Any]]:
    """Return each ratio of a row with its floor and aim; a missing side leaves it null."""
    return {
        ratio.name: {
            "value": quotient(figures.get(ratio.of), figures.get(ratio.by)),
            "floor": ratio.floor,
            "aim": ratio.aim,
        }
        for ratio in RATIOS[name]
    }


def quotient(of: float | None, by: float | None) -> float | None:
    """Return of ÷ by to three digits behind the point, or None."""
    return None if of is None or not by else round(of / by, 3)


def limits(name: str, figures: Mapping[str, float | None]) -> dict[str, dict[str, Any]]:
    """Return each bounded figure of a row with its floor and aim."""
    return {
        limit.key: {"value": figures.get(limit.key), "floor": limit.floor, "aim": limit.aim}
        for limit in LIMITS
        if limit.key in KEYS[name]
    }
