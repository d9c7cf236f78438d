"""静止 — knowing, from outside, that the chain has nothing left to do."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

BEHIND = ("ingest_unpublished_records", "mot_lag_records", "notify_lag_records")
UNTOLD = ("notify_open_intents", "notify_waiting_alerts")
LOOK_S, TIMEOUT_S = 0.2, 5.0
LOOKS_IN_A_ROW = 2


class Restless(Exception):
    """The chain was not done in time; says what was left."""


@dataclass
class Stillness:
    """Reads ``/metrics`` of the services at ``urls``. ``known``: the gauges that these show.

    A gauge that is asked for and shown by nobody counts as busy: better late than wrong.
    """

    urls: Sequence[str]
    client: httpx.Client
    patience_s: float
    pause: threading.Event = field(default_factory=threading.Event)

    def taken(self, files: Iterable[Path]) -> None:
        """Wait until dropped files have been taken away; raises ``Restless``."""
        left = list(files)

        def lying() -> str:
            return ", ".join(file.name for file in left if file.exists())

        self._until_nothing(lying, looks=1)

    def caught_up(self, gauges: Sequence[str]) -> None:
        """Wait until the gauges are at zero, twice in a row; raises ``Restless``."""
        self._until_nothing(lambda: self._busy(gauges), LOOKS_IN_A_ROW)

    def quiet(self, gauges: Sequence[str], heard: Callable[[], int]) -> None:
        """Wait until besides that the journal, of ``heard()`` entries, has not grown either."""
        last = -1

        def busy() -> str:
            nonlocal last
            before, last = last, heard()
            return self._busy(gauges) or ("" if before == last else "the journal grows")

        self._until_nothing(busy, LOOKS_IN_A_ROW)

    def _until_nothing(self, busy: Callable[[], str], looks: int) -> None:
        deadline, still = time.monotonic() + self.patience_s, 0
        while still < looks:
            left = busy()
            still = 0 if left else still + 1
            if left and time.monotonic() > deadline:
                raise Restless(f"after {self.patience_s:.0f} s still: {left}")
            self.pause.wait(LOOK_S)

    def _busy(self, gauges: Sequence[str]) -> str:
        found = self.readings()
        left = {name: found.get(name, math.nan) for name in gauges}
        return ", ".join(f"{name} {value:g}" for name, value in left.items() if value != 0)

    def readings(self) -> dict[str, float]:
        """Return every metric without a label, summed over the services that show it."""
        found: dict[str, float] = {}
        for url in self.urls:
            try:
                text = self.client.get(f"{url}/metrics", timeout=TIMEOUT_S).text
            except httpx.TransportError:
                continue  # its gauges are missing, so it counts as busy
            for name, value in _samples(text):
                found[name] = found.get(name, 0.0) + value
        return found


def _samples(text: str) -> Iterable[tuple[str, float]]:
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if line and not line.startswith("#") and "{" not in name:
            yield name, float(value)
