"""``python -m tests.sim``: play seeded scenarios of mot's core and print one ``SIM {json}`` line.

Each scenario is a story and a fate for every batch; the oracle judges. A seed that fails is printed
with the command that plays it again, and kept in ``.guanchao/sim/failing.txt``. Exit code 1 then.
"""

import argparse
import gc
import json
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from tests.sim.scenario import EVENTS, FATES, Scenario, is_wrong

FAILING = Path(".guanchao") / "sim" / "failing.txt"
SHARE = 5 * FATES  # scenarios handed to a process at a time: of whole stories


class Played(NamedTuple):
    """What some scenarios came to."""

    expected: int
    wrong: dict[int, dict[str, Any]]
    fates: dict[str, int]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first scenario")
    parser.add_argument("--events", type=int, default=EVENTS, help="of each story")
    given = parser.parse_args()
    began = monotonic()
    total = play_all(given.seed, given.scenarios, given.events)
    seconds = monotonic() - began
    for seed, verdict in total.wrong.items():
        again = f"python -m tests.sim --scenarios 1 --seed {seed} --events {given.events}"
        _say(f"✗ {seed}: {json.dumps(verdict, ensure_ascii=False, default=str)}\n  {again}")
        FAILING.parent.mkdir(parents=True, exist_ok=True)
        with FAILING.open("a", encoding="utf-8") as out:
            out.write(f"{again}\n")
    line = {
        "scenarios": given.scenarios,
        "seed": given.seed,
        "failed": len(total.wrong),
        "expected": total.expected,
        "fates": total.fates,
        "seconds": round(seconds, 1),
        "a_minute": round(given.scenarios / seconds * 60),
        "processes": os.cpu_count(),
    }
    _say(f"SIM {json.dumps(line, ensure_ascii=False)}")
    return int(bool(total.wrong))


def play_all(first: int, scenarios: int, events: int = EVENTS) -> Played:
    """Play the seeds from ``first`` on, in as many processes as there are cores."""
    shares = range(first, first + scenarios, SHARE)
    counts = [min(SHARE, first + scenarios - start) for start in shares]
    if len(counts) == 1:
        return play(first, scenarios, events)
    fates: Counter[str] = Counter()
    wrong: dict[int, dict[str, Any]] = {}
    expected = 0
    with ProcessPoolExecutor(initializer=gc.freeze) as pool:
        for played in pool.map(play, shares, counts, [events] * len(counts)):
            expected += played.expected
            wrong |= played.wrong
            fates.update(played.fates)
    return Played(expected, wrong, dict(fates))


def play(first: int, scenarios: int, events: int = EVENTS) -> Played:
    """Play some seeds in this process."""
    fates: Counter[str] = Counter()
    wrong: dict[int, dict[str, Any]] = {}
    expected = 0
    for seed in range(first, first + scenarios):
        scenario = Scenario(seed, events)
        verdict = scenario.play()
        expected += verdict["expected"]
        fates.update(scenario.fates)
        if is_wrong(verdict):
            wrong[seed] = verdict
    return Played(expected, wrong, dict(fates))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 a command's output


if __name__ == "__main__":
    sys.exit(main())
