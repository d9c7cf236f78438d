"""对账 — the topics and the ledger held against each other, for a command and for a gauge."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import reckoning
from services.notify.domain.reconciliation import NAMED, STANDINGS, Raised, Reckoning
from shared.clock import Clock
from shared.kernel.ids import short_code
from shared.observability.logging import logger
from shared.observability.metrics import RECONCILED, UNBALANCED
from shared.settings import KafkaSettings
from shared.streams.log_reader import LogReader, Span, Told, untold

AT_ONCE = 200
LOOK_BACK = timedelta(hours=25)  # an hourly look sees each alert of a day many times over


log = logger()


class Opens(Protocol):
    """Opens a transaction that sees one moment of the ledger."""

    def __call__(self) -> AbstractAsyncContextManager[AsyncConnection]: ...


@dataclass(frozen=True)
class Period:
    """[begin, end) of Kafka's time; None: as far as the topic goes."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Books:
    """Where the two sides are. ``gently``: for as long as it counts, it lets others work."""

    kafka: KafkaSettings
    ledger: Opens
    told: Told = untold
    gently: bool = False

    async def reconcile(self, period: Period) -> tuple[Reckoning, Sequence[Span]]:
        """Return the sums, and the offsets they are counted up to."""
        done = await reckoning.committed(self.kafka)
        async with LogReader(self.kafka, self.told) as log:
            of = await reckoning.spans(log, done, period.begin, period.end)
            letters = await reckoning.buried(log)
            sums, batch = Reckoning(), dict[str, Raised]()
            seen = set[str]()
            async for record, one in reckoning.raised(log, of):
                if reckoning.place(record) in letters or one is None:
                    _bury(sums, record, letters)
                elif one.event_id in seen:
                    sums.repeated += 1
                else:
                    seen.add(one.event_id)
                    batch[one.event_id] = one
                if len(batch) == AT_ONCE:
                    await self._count(sums, batch)
            await self._count(sums, batch)
        return sums, of

    async def _count(self, sums: Reckoning, batch: dict[str, Raised]) -> None:
        asked, began = list(batch.values()), perf_counter()
        batch.clear()
        async with self.ledger() as connection:
            found = await reckoning.entries(connection, asked)
        for one in asked:
            sums.count(one, found[one.alert_id, one.revision])
        if self.gently:
            await asyncio.sleep(perf_counter() - began)


def _bury(sums: Reckoning, record: Any, letters: frozenset[reckoning.Place]) -> None:
    where = reckoning.place(record)
    if where in letters:
        sums.buried += 1
    else:
        sums.unburied.append("/".join(map(str, where)))


async def measure(books: Books, wall: Clock) -> None:
    """Reconcile the last day and show it as gauges; NaN while it cannot be done."""
    try:
        sums, _ = await books.reconcile(Period(begin=wall.now() - LOOK_BACK))
    except Exception:
        UNBALANCED.set(math.nan)
        raise
    for standing in STANDINGS:
        RECONCILED.labels(standing).set(sums.standings[standing])
    UNBALANCED.set(len(sums.alerts_wrong) + len(sums.unburied))
    if not sums.balances:
        codes = [short_code(alert) for alert in sums.alerts_wrong[:NAMED]]
        log.error("the ledger does not balance", reasons=sorted(sums.wrong), alerts=codes)
