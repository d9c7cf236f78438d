"""A chain that exists only as HTTP answers: ingest, the gateway and a service with metrics."""

import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.synthetic.golden import Golden

KEY = "push-key"
Event = dict[str, Any]


@dataclass
class FakeChain:
    """Takes batches as ingest does; ``answers`` are given first, one a request.

    ``metrics``: what ``/metrics`` shows, one text a look, the last one for ever. ``tells``: each of
    these messages arrives when its event has been posted; the others, when those of their account
    before them have, at the next look.
    """

    answers: deque[httpx.Response | Exception] = field(default_factory=deque)
    metrics: deque[str] = field(default_factory=lambda: deque([ALL_STILL]))
    clock_is_own: bool = False
    ticks_are_wanted: bool = True
    takes_anything: bool = False
    posted: list[Event] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)
    tells: Sequence[Golden] = ()

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/v1/events":
                return self._events(request)
            case "/sandbox/clock":
                if self.clock_is_own:
                    return httpx.Response(409)
                self.shown.append(json.loads(request.content)["now"])
                return httpx.Response(200, json={})
            case "/sandbox/journal":
                after = int(request.url.params["after"])
                return httpx.Response(200, json=self.journal[after:])
            case "/metrics":
                self._tell_what_waits()
                text = self.metrics[0] if len(self.metrics) == 1 else self.metrics.popleft()
                return httpx.Response(200, text=text)
        return httpx.Response(404)

    def _events(self, request: httpx.Request) -> httpx.Response:
        if self.answers:
            answer = self.answers.popleft()
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.headers["authorization"] != f"Bearer {KEY}":
            return httpx.Response(401, json={"detail": "a push key is needed"})
        events: list[Event] = json.loads(request.content)
        self.batches.append(len(events))
        refused = [
            {"index": index, "id": event.get("id"), "place": place, "reason": "no"}
            for index, event in enumerate(events)
            if (place := self._flaw(event))
        ]
        good = [event for event in events if not self._flaw(event)]
        fresh = [e for e in good if (e["source"], e["id"]) not in self.known]
        self.known |= {(event["source"], event["id"]) for event in fresh}
        self.posted += fresh
        self._tell_of({f"{event['source']}|{event['id']}" for event in fresh})
        receipt = {
            "accepted": len(fresh),
            "duplicates": len(good) - len(fresh),
            "refused": refused,
        }
        return httpx.Response(422 if refused and not good else 202, json=receipt)

    def _flaw(self, event: Event) -> str:
        if event.get("type") == "clock.ticked":
            return "" if self.ticks_are_wanted else "type"
        if self.takes_anything:
            return ""
        amount = event["data"].get("amount", "1")
        good = isinstance(amount, str) and amount != "NaN" and "id" in event
        return "" if good and event["data"]["trading_day"] != "2026-02-30" else "data"

    def _tell_of(self, identities: set[str]) -> None:
        self._tell([message for message in self.tells if message.trigger in identities])

    def _tell_what_waits(self) -> None:
        triggered = [m for m in self.tells if m.trigger]

        def waits(one: Golden) -> bool:
            own = (m for m in triggered if (m.account, m.channel) == (one.account, one.channel))
            return any(m.order <= one.order for m in own)

        self._tell([m for m in self.tells if not m.trigger and not waits(m)])

    def _tell(self, messages: Sequence[Golden]) -> None:
        told = list(map(id, messages))
        self.tells = [message for message in self.tells if id(message) not in told]
        for message in messages:
            self.deliver(message)

    def deliver(self, message: Golden) -> None:
        """Let a golden message arrive."""
        self.journal.append(
            {
                "n": len(self.journal) + 1,
                "wall": time.time(),
                "channel": message.channel,
                "to": message.to,
                "title": message.title,
                "text": "\n".join((*message.says, f"编号：7BB8F537-{message.revision}")),
                "outcome": "delivered",
            }
        )


ALL_STILL = """# HELP nothing is left
ingest_unpublished_records 0.0
mot_lag_records 0.0
notify_lag_records 0.0
notify_open_intents 0.0
notify_waiting_alerts 0.0
ingest_records_accepted_total{type="funds.withdrawn"} 12.0
"""
