"""演示 — one day played into a running chain at speed, and the verdict on what arrived."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console

from deploy.synthetic.director import Director
from deploy.synthetic.gateway import Gateway
from deploy.synthetic.patience import Patience
from deploy.synthetic.play import Play
from deploy.synthetic.progress import Progress
from deploy.synthetic.stillness import BEHIND, UNTOLD, Restless, Stillness
from deploy.synthetic.timeline import Minute
from deploy.synthetic.verdict import Verdict, judge, latencies, percentile
from deploy.synthetic.way import Way
from shared.clock import WallClock

PATIENCE_S = 120.0
READ_AT_LEAST = 500  # accounts of a file in a second, or it is given up
ASK_JOURNAL_EVERY_S = 1.0


@dataclass(frozen=True)
class Chain:
    """Where the chain under test is. ``status``: the services whose ``/metrics`` say how busy.

    ``counter``: the port of a simulated counter for the stream to come from; 0: it is pushed.
    """

    ingest: str
    sandbox: str
    drop: Path
    status: Sequence[str]
    push_key: SecretStr
    counter: int = 0

    def way(self, folder: Path | None = None) -> Way:
        """Return how the stream reaches ingest."""
        return Way(self.ingest, self.push_key, self.counter, folder)


@dataclass(frozen=True)
class Report:
    """What the last line says. Milliseconds from posting an event to the gateway's journal."""

    verdict: Verdict
    timed: list[float]
    events: int
    refused: int
    seconds: float
    day: date
    seed: int

    def line(self) -> str:
        """Return ``DEMO {json}``; a latency that nothing was measured for is null."""
        found = {
            "golden": self.verdict.golden,
            "delivered": self.verdict.delivered,
            "missing": len(self.verdict.missing),
            "unexpected": len(self.verdict.unexpected),
            "p50_ms": self._milliseconds(0.5),
            "p99_ms": self._milliseconds(0.99),
            "timed": len(self.timed),
            "events": self.events,
            "refused": self.refused,
            "seconds": round(self.seconds, 1),
            "day": self.day.isoformat(),
            "seed": self.seed,
        }
        return f"DEMO {json.dumps(found)}"

    def _milliseconds(self, share: float) -> float | None:
        return round(percentile(self.timed, share) * 1000, 1) if self.timed else None


def perform(
    play: Play, chain: Chain, speed: float, console: Console, client: httpx.Client
) -> Report:
    """Play the day, wait until nothing moves, judge; errors as of ``Director.perform``.

    A chain that does not come to rest is judged all the same: the verdict shows what is missing.
    """
    began, golden = time.monotonic(), play.golden
    patience = Patience(PATIENCE_S + play.company.population.size / READ_AT_LEAST)
    gateway = Gateway(chain.sandbox, client, patience)
    earlier = len(gateway.journal())
    title = f"观潮 · 合成交易日 {play.stage.day} · {len(golden)} 条标准消息"
    with (
        chain.way().open(play.stage.day, client, patience) as feed,
        Progress(console, title, len(golden)) as progress,
    ):
        director = Director(
            feed=feed,
            gateway=gateway,
            folder=chain.drop,
            stillness=Stillness((chain.ingest, *chain.status), client, patience.seconds),
            clock=WallClock(),
            speed=speed,
            gauges=BEHIND,
            timed={message.trigger for message in golden if message.trigger},
            show=_shown(progress, gateway, earlier),
        )
        trouble = _play(director, play)
    verdict = judge(golden, gateway.journal(after=earlier))
    for line in (*trouble, *verdict.differences()):
        console.print(line, markup=False, soft_wrap=True)
    return Report(
        verdict=verdict,
        timed=latencies(verdict, director.posted),
        events=director.feed.accepted,
        refused=director.feed.refused,
        seconds=time.monotonic() - began,
        day=play.stage.day,
        seed=play.company.population.seed,
    )


def _play(director: Director, play: Play) -> list[str]:
    """Play to the end and to rest; return what a person should know besides."""
    trouble = []
    try:
        director.perform(play.minutes())
        director.stillness.quiet((*BEHIND, *UNTOLD), lambda: len(director.gateway.journal()))
    except Restless as restless:
        trouble.append(f"未能静止 · never at rest: {restless}")
    if director.feed.duplicates > director.feed.accepted:
        trouble.append("这一天已经演过 · this day was played into this chain before")
    return trouble


def _shown(progress: Progress, gateway: Gateway, earlier: int) -> Callable[[Minute], None]:
    """Return what shows a minute, and now and then how much has arrived."""
    heard, asked = 0, time.monotonic()
    seen = earlier

    def show(minute: Minute) -> None:
        nonlocal heard, asked, seen
        progress.played(minute)
        if time.monotonic() - asked >= ASK_JOURNAL_EVERY_S:
            asked = time.monotonic()
            fresh = gateway.journal(after=seen)
            seen += len(fresh)
            heard += sum(entry["outcome"] == "delivered" for entry in fresh)
            progress.arrived(heard)

    return show


def keep(report: Report, folder: Path) -> None:
    """Leave the line and the differences in a folder, for whoever asks afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [*report.verdict.differences(), report.line()]
    (folder / "verdict.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
