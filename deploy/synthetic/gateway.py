"""The gateway's own side: its clock, which we drive, and its journal, which we read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

TIMEOUT_S = 15.0
CONFLICT, OK = 409, 200


@dataclass
class Gateway:
    """The sandbox at ``url``. ``own_clock``: it keeps the wall's time and takes none of ours."""

    url: str
    client: httpx.Client
    own_clock: bool = False

    def show(self, now: datetime) -> None:
        """Set its clock; raises ``httpx.HTTPError``."""
        if self.own_clock:
            return
        answer = self.client.post(
            f"{self.url}/sandbox/clock", json={"now": now.isoformat()}, timeout=TIMEOUT_S
        )
        if answer.status_code == CONFLICT:
            self.own_clock = True
            return
        answer.raise_for_status()

    def journal(self, after: int = 0) -> list[dict[str, Any]]:
        """Return its entries after a number; raises ``httpx.HTTPError``."""
        answer = self.client.get(
            f"{self.url}/sandbox/journal", params={"after": after}, timeout=TIMEOUT_S
        )
        answer.raise_for_status()
        entries: list[dict[str, Any]] = answer.json()
        return entries
