"""推送 — the stream's way into ingest: batches of CloudEvents, repeated until they are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import msgspec
from pydantic import SecretStr

from deploy.synthetic.patience import NotYet, Patience
from shared.contracts.event import BATCH_CONTENT_TYPE

AT_ONCE = 500  # events in one request
LATER = {429, 502, 503, 504}
TIMEOUT_S = 15.0
TAKEN, ALL_REFUSED = 202, 422


class TurnedAway(Exception):
    """ingest will not take this, however often it is asked; says why."""


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
    """ingest's ``POST /v1/events``. An absent ingest is waited for with ``patience``.

    The same events may be posted again at any time: their identity makes repeats harmless.
    """

    url: str
    push_key: SecretStr
    client: httpx.Client
    patience: Patience
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0

    def post(self, events: Sequence[dict[str, Any]]) -> list[Refusal]:
        """Post events in order; return what was refused, by the index in ``events``."""
        refused: list[Refusal] = []
        for start in range(0, len(events), AT_ONCE):
            body = msgspec.json.encode(events[start : start + AT_ONCE])
            receipt = self.patience.ask("ingest", partial(self._take, body))
            self.accepted += receipt.accepted
            self.duplicates += receipt.duplicates
            self.refused += len(receipt.refused)
            refused += [Refusal(r.index + start, r.place, r.reason) for r in receipt.refused]
        return refused

    def _take(self, body: bytes) -> Receipt:
        key = self.push_key.get_secret_value()
        try:
            answer = self.client.post(
                f"{self.url}/v1/events",
                content=body,
                headers={"content-type": BATCH_CONTENT_TYPE, "authorization": f"Bearer {key}"},
                timeout=TIMEOUT_S,
            )
        except httpx.TransportError:
            raise NotYet from None
        if answer.status_code in (TAKEN, ALL_REFUSED):
            return msgspec.json.decode(answer.content, type=Receipt)
        if answer.status_code in LATER:
            raise NotYet(_asked_for(answer))
        raise TurnedAway(f"ingest answers {answer.status_code}: {answer.text[:300]}")


def _asked_for(answer: httpx.Response) -> float:
    """Return the seconds that ``Retry-After`` asks for; a date, or nothing, is nothing."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else 0.0
