"""推送 — the stream's way into ingest: batches of CloudEvents, repeated until they are in."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr

from shared.contracts.event import BATCH_CONTENT_TYPE

AT_ONCE = 500  # events in one request
LATER = {429, 502, 503, 504}
FIRST_PAUSE_S, LONGEST_PAUSE_S, TIMEOUT_S = 0.1, 5.0, 15.0
TAKEN, ALL_REFUSED = 202, 422


class TurnedAway(Exception):
    """ingest will not take this, however often it is asked; says why."""


class GivenUp(Exception):
    """ingest did not answer for longer than we wait."""


class Refusal(msgspec.Struct):
    """An event that ingest refused: its place in the batch, the place in it, the reason."""

    index: int
    place: str
    reason: str


class Receipt(msgspec.Struct):
    """ingest's answer to a batch."""

    accepted: int
    duplicates: int
    refused: list[Refusal]


@dataclass
class Feed:
    """ingest's ``POST /v1/events``. ``patience_s`` bounds how long an absent ingest is waited for.

    The same events may be posted again at any time: their identity makes repeats harmless.
    """

    url: str
    push_key: SecretStr
    client: httpx.Client
    patience_s: float
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    pause: threading.Event = field(default_factory=threading.Event)

    def post(self, events: Sequence[dict[str, Any]]) -> list[Refusal]:
        """Post events in order; return what was refused, by the index in ``events``."""
        refused: list[Refusal] = []
        for start in range(0, len(events), AT_ONCE):
            receipt = self._take(msgspec.json.encode(events[start : start + AT_ONCE]))
            self.accepted += receipt.accepted
            self.duplicates += receipt.duplicates
            self.refused += len(receipt.refused)
            refused += [Refusal(r.index + start, r.place, r.reason) for r in receipt.refused]
        return refused

    def _take(self, body: bytes) -> Receipt:
        for pause in self._pauses():
            try:
                answer = self.client.post(
                    f"{self.url}/v1/events",
                    content=body,
                    headers={
                        "content-type": BATCH_CONTENT_TYPE,
                        "authorization": f"Bearer {self.push_key.get_secret_value()}",
                    },
                    timeout=TIMEOUT_S,
                )
            except httpx.TransportError:
                self.pause.wait(pause)
                continue
            if answer.status_code in (TAKEN, ALL_REFUSED):
                return msgspec.json.decode(answer.content, type=Receipt)
            if answer.status_code not in LATER:
                raise TurnedAway(f"ingest answers {answer.status_code}: {answer.text[:300]}")
            self.pause.wait(max(pause, _asked_for(answer)))
        raise GivenUp(f"ingest took no events for {self.patience_s:.0f} s")

    def _pauses(self) -> Iterator[float]:
        deadline, pause = time.monotonic() + self.patience_s, FIRST_PAUSE_S
        while time.monotonic() < deadline:
            yield pause
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _asked_for(answer: httpx.Response) -> float:
    """Return the seconds that ``Retry-After`` asks for; a date, or nothing, is nothing."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else 0.0
