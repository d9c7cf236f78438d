"""What a row found: the line for people and machines, and the raw data behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.harness import Figure, Turn
from bench.machine import versions
from bench.options import Options
from bench.targets import KEYS, limits, ratios


@dataclass
class Result:
    """``figures``: key → number or None, ``reasons``: why None, ``details``: what is behind it."""

    figures: dict[str, float | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    def take(self, drained: Mapping[str, Figure]) -> None:
        """Add the sides' figures with their spread."""
        for name, found in drained.items():
            self.figures[name] = None if found.median is None else round(found.median)
            if found.why:
                self.reasons[name] = found.why
            if found.spread is not None:
                self.details[name] = {
                    "lowest": round(found.lowest or 0),
                    "highest": round(found.highest or 0),
                    "spread": round(found.spread, 3),
                }

    def line(self, name: str, on: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row's ``BENCH`` line: keys, ratios and limits, what was not measured."""
        figures = {key: self.figures.get(key) for key in KEYS[name]}
        missing = {k: self.reasons.get(k, "not asked for") for k, v in figures.items() if v is None}
        return {
            "name": name,
            **figures,
            "ratios": ratios(name, figures),
            "limits": limits(name, figures),
            "unmeasured": missing,
            "machine": dict(on),
        }

    def raw(self, name: str, on: Mapping[str, Any], options: Options) -> dict[str, Any]:
        """Return the line with all that is behind it."""
        return {
            **self.line(name, on),
            "method": {"seconds": options.seconds, "turns": options.turns},
            "versions": versions(),
            "details": self.details,
            "turns": [turn._asdict() for turn in self.turns],
        }
