"""The sides of some workloads, in turns over one preloaded log each."""

import sys
from collections.abc import Iterable
from pathlib import Path

from bench.arena import Arena
from bench.catalogue import absent, sides
from bench.harness import Figure, Turn, figure, interleave
from bench.options import Options
from deploy.embedded.stack import Stores

Drained = tuple[dict[str, Figure], list[Turn]]


def drains(works: Iterable[str], options: Options, stores: Stores, folder: Path) -> Drained:
    """Return each side's figure by name, and every turn."""
    figures: dict[str, Figure] = {}
    turns: list[Turn] = []
    for work in works:
        present = []
        for side in sides(work, options.only):
            why = absent(side)
            if why:
                figures[side.name] = Figure(None, None, None, why)
            else:
                present.append(side)
        if present:
            arena = Arena(work, stores, folder, options.seconds)
            arena.prepare()
            done = interleave(present, options.turns, arena.turn, say)
            figures |= {side.name: figure(done, side.name) for side in present}
            turns += done
            arena.clear()
    return figures, turns


def say(turn: Turn) -> None:
    """Tell the person who waits."""
    what = f"{turn.rate:,.0f} events/s" if turn.rate is not None else f"✗ {turn.why}"
    sys.stderr.write(f"  {turn.side} {turn.round + 1}: {what}\n")
