"""经柜台 — the stream's way into ingest through the counter; what no counter tells is pushed."""

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.synthetic.ctp.front import Front
from deploy.synthetic.ctp.journal import ACCOUNTS
from deploy.synthetic.ctp.translate import Struct, notice, translated
from deploy.synthetic.feed import TIMEOUT_S, Feed, Refusal
from deploy.synthetic.patience import GivenUp

SAMPLE = re.compile(r"^ingest_ctp_sequence\{([^}]*)\} (\S+)$", re.MULTILINE)
LOOK_S = 0.01


@dataclass
class CounterFeed(Feed):
    """Tells the front first, waits until ingest has taken it, then pushes the rest, in order.

    A notice closes each call: when ingest has its number, it has all that came before it.
    """

    front: Front = field(kw_only=True)
    pause: threading.Event = field(default_factory=threading.Event)

    def post(self, events: Sequence[dict[str, Any]]) -> list[Refusal]:
        """Tell and post events; return what was refused, by the index in ``events``."""
        structs = [self._struct(event) for event in events]
        for event, struct in zip(events, structs, strict=True):
            if struct is not None:
                self._tell(f"{event['source']}|{event['id']}", struct, event["time"])
        if any(structs):
            self._close(str(events[-1]["id"]), str(events[-1]["time"]))
        pushed = [index for index, struct in enumerate(structs) if struct is None]
        refused = super().post([events[index] for index in pushed])
        return [Refusal(pushed[one.index], one.place, one.reason) for one in refused]

    def _struct(self, event: dict[str, Any]) -> Struct | None:
        """Return what the counter tells of an event; a state of a day gone by it tells no more."""
        struct = translated(event)
        if struct is not None and struct.call == ACCOUNTS and struct.day < self.front.day:
            return None
        return struct

    def _tell(self, identity: str, struct: Struct, at: str) -> None:
        fresh = not self.front.knows(identity)
        self.front.publish(identity, struct.call, struct.day, at=at, fields=struct.fields)
        self.accepted += fresh
        self.duplicates += not fresh

    def _close(self, name: str, at: str) -> None:
        closing = notice(self.front.day)
        told = self.front.publish(
            f"notice|{closing.day}|{name}", closing.call, closing.day, at=at, fields=closing.fields
        )
        deadline = time.monotonic() + self.patience.seconds
        while self._taken(closing.day) < told.number:
            if time.monotonic() > deadline:
                raise GivenUp(f"ingest has not taken notice {told.number} of {closing.day}")
            self.pause.wait(LOOK_S)

    def _taken(self, day: str) -> float:
        """Return the number of the last notice of a day that ingest has made durable."""
        try:
            text = self.client.get(f"{self.url}/metrics", timeout=TIMEOUT_S).text
        except httpx.TransportError:
            return 0.0
        dashed = f'day="{day[:4]}-{day[4:6]}-{day[6:]}"'
        found = dict(SAMPLE.findall(text))
        return next(
            (float(n) for labels, n in found.items() if dashed in labels and '"notice"' in labels),
            0.0,
        )
