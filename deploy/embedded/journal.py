"""The gateway's journal, read from where the last look ended."""

import http.client
import json
from collections.abc import Iterator
from typing import Any


class Journal:
    """What people have received at the gateway of a port; silent while the gateway restarts."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._after = 0

    def skip(self) -> None:
        """Leave out what arrived before now: a former run has shown it."""
        for _ in self.delivered():
            pass

    def delivered(self) -> Iterator[dict[str, Any]]:
        """Yield each new entry that reached a person, once."""
        for entry in self._new():
            self._after = max(self._after, entry["n"])
            if entry["outcome"] == "delivered":
                yield entry

    def _new(self) -> list[dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", f"/sandbox/journal?after={self._after}")
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                return []
            entries: list[dict[str, Any]] = json.loads(answer.read())
            return entries
        except (OSError, http.client.HTTPException):
            return []
        finally:
            connection.close()
