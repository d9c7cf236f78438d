"""The table of stopped sources as a dict."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from services.ingest.domain.refusal_limit import Stop


@dataclass
class Stops:
    """See ``services.ingest.agent.guarding.Stops``; all replicas of a test share one."""

    rows: dict[str, Stop] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Stops"]:
        yield self

    async def all(self) -> Sequence[Stop]:
        return list(self.rows.values())

    async def write(self, stop: Stop) -> None:
        self.rows[stop.source] = stop

    async def clear(self, source: str) -> Stop | None:
        return self.rows.pop(source, None)
