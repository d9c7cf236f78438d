"""The gateway's own side: its clock, which we drive, and its journal, which we read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from deploy.synthetic.patience import NotYet, Patience

TIMEOUT_S = 15.0
CONFLICT = 409


@dataclass
class Gateway:
    """The sandbox at ``url``. ``own_clock``: it keeps the wall's time and takes none of ours."""

    url: str
    client: httpx.Client
    patience: Patience
    own_clock: bool = False

    def show(self, now: datetime) -> None:
        """Set its clock; raises ``GivenUp``, and ``httpx.HTTPStatusError`` when it refuses."""
        if self.own_clock:
            return
        body = {"now": now.isoformat()}
        answer = self._ask("POST", "/sandbox/clock", json=body)
        self.own_clock = answer.status_code == CONFLICT
        if not self.own_clock:
            answer.raise_for_status()

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """Return its entries after a number; errors as of ``show``."""
        answer = self._ask("GET", "/sandbox/journal", params={"after": after})
        entries: list[dict[str, Any]] = answer.raise_for_status().json()
        return entries

    def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:
        def attempt() -> httpx.Response:
            try:
                return self.client.request(method, f"{self.url}{path}", timeout=TIMEOUT_S, **what)
            except httpx.TransportError:
                raise NotYet from None

        return self.patience.ask("the gateway", attempt)
