"""A row over several runs: each leaves a line, a broken-off one goes on later, all add up."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fault.code import code
from tests.fault.verdict import ZEROS

RULE_OF_THREE = 3  # no failure in n: at most 3/n of them fail, with 95 % confidence
MAXIMA = ("_ms", "_s", "ratio")  # these words end figures that do not add up: the worst counts


@dataclass(frozen=True)
class Campaign:
    """``kills`` faults of a row, from ``seed`` on; ``file`` holds one line a run of all campaigns.

    It goes on where the last run of the same ``kills``, ``seed`` and ``code`` stopped, unless that
    one had come to its end: then it begins anew.
    """

    file: Path
    row: str
    kills: int
    seed: int
    code: str = field(default_factory=code)

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of this campaign that are over."""
        this = (self.kills, self.seed, self.code)
        mine = [r for r in self.all_runs() if (r["of"], r["base"], r.get("code")) == this]
        last: list[dict[str, Any]] = []
        for run in mine:
            last = [run] if run["first"] else [*last, run]
        return last

    def open_runs(self) -> list[dict[str, Any]]:
        """Return the runs to go on from; none when the last campaign is complete or has failed."""
        runs = self.runs()
        return [] if failed(added_up(runs)) or _kills(runs) >= self.kills else runs

    def note(self, run: Mapping[str, Any], seed: int, first: bool) -> None:
        """Add a run's line."""
        which = {"of": self.kills, "base": self.seed, "code": self.code}
        whose = {**which, "first": first, "row": self.row}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({**whose, "seed": seed, **run}, ensure_ascii=False) + "\n")

    def line(self) -> dict[str, Any]:
        """Return what ``FAULT`` prints: this campaign, and how many faults there ever were."""
        runs, ever = self.runs(), self.all_runs()
        total = added_up(runs)
        sure = (
            {"at_most_95": round(RULE_OF_THREE / total["kills"], 5)} if total.get("kills") else {}
        )
        return {
            "row": self.row,
            **total,
            "seed": self.seed,
            "seeds": [run["seed"] for run in runs],
            "code": self.code,
            **({} if failed(total) else sure),
            "kills_ever": _kills(ever),
            "failed_ever": sum(failed(run) for run in ever),
        }

    def all_runs(self) -> list[dict[str, Any]]:
        """Return every run that this file knows."""
        if not self.file.exists():
            return []
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


def failed(run: Mapping[str, Any]) -> bool:
    """Tell whether anything is not zero that must be, or a row complains.

    >>> failed({"lost": 0, "complaints": []}), failed({"lost": 1}), failed({"complaints": ["x"]})
    (False, True, True)
    """
    return any(run.get(word) for word in ZEROS) or bool(run.get("complaints"))


def added_up(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the runs' figures together: counts as sums, times and ratios as the worst.

    >>> added_up([{"kills": 2, "gap_s": 3.5, "complaints": []}, {"kills": 1, "gap_s": 1.0}])
    {'kills': 3, 'gap_s': 3.5, 'complaints': []}
    """
    total: dict[str, Any] = {}
    for run in runs:
        for name, value in run.items():
            if name not in ("of", "base", "first", "row", "seed", "code"):
                worst = name.endswith(MAXIMA) and name in total
                total[name] = max(total[name], value) if worst else _plus(total.get(name), value)
    return total


def _plus(before: Any, value: Any) -> Any:
    return value if before is None or isinstance(value, str) else before + value


def _kills(runs: list[dict[str, Any]]) -> int:
    return sum(run["kills"] for run in runs)
