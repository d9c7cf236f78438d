"""去路 — how the broker's stream reaches ingest: pushed, or told by a simulated counter."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
from pydantic import SecretStr

from deploy.synthetic.ctp.feed import CounterFeed
from deploy.synthetic.ctp.front import Front
from deploy.synthetic.ctp.journal import Journal
from deploy.synthetic.feed import Feed
from deploy.synthetic.patience import Patience


@dataclass(frozen=True)
class Way:
    """``counter``: the port on which the simulated counter listens; 0: there is none.

    Its password is the push key. ``folder`` keeps what it told; None: only while it lives.
    """

    ingest: str
    push_key: SecretStr
    counter: int = 0
    folder: Path | None = None

    @contextlib.contextmanager
    def open(self, day: date, client: httpx.Client, patience: Patience) -> Iterator[Feed]:
        """Return the feed of a play that begins on that trading day."""
        if not self.counter:
            yield Feed(self.ingest, self.push_key, client, patience)
            return
        front = Front(self.counter, self.push_key.get_secret_value(), Journal(self.folder))
        front.open(f"{day:%Y%m%d}")
        front.start()
        try:
            yield CounterFeed(self.ingest, self.push_key, client, patience, front=front)
        finally:
            front.stop()
