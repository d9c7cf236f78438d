"""听柜台 — one connection to a counter: log in, ask for each stream where it was left, take it.

The library connects again by itself. A refused login is not tried again on the same connection:
a wrong password tried over and over locks the user.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from services.ingest.agent.ctp_taking import Batch, Taking
from services.ingest.agent.guarding import Gatekeeper, OpenGate
from services.ingest.domain.books import StoresAway
from services.ingest.domain.ctp.gateway import Gateway
from services.ingest.domain.ctp.records import (
    Arrival,
    Broken,
    Connected,
    Disconnected,
    Heard,
    LoggedIn,
)
from services.ingest.domain.rows import BadRow
from shared.observability.logging import logger
from shared.observability.metrics import CTP_CONNECTED

AT_ONCE = 500  # records of one transaction
LOOK_SECONDS = 1.0  # how soon it sees that it is to stop
AWAY_SECONDS = STOPPED_SECONDS = 1.0
NOT_YET = {7, 8}  # CTP: 还没有初始化, 前置不活跃
NOT_YET_SECONDS = 30.0


class Taken(Protocol):
    """What the callbacks hand over."""

    def put(self, item: Heard) -> None:
        """Hand an item over, from any thread."""

    async def take(self, most: int, seconds: float) -> list[Heard]:
        """Return what has come."""

    def close(self) -> None:
        """Take nothing more."""


@dataclass
class Listening:
    """Listens until ``stopping``. ``stored`` is called when something new is durable.

    While ``guard`` has the feed stopped, the callbacks wait: nothing is taken, nothing is lost.
    """

    gateway: Gateway
    handover: Taken
    taking: Taking
    stopping: asyncio.Event
    stored: Callable[[], None] = lambda: None
    guard: Gatekeeper = field(default_factory=OpenGate)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Take everything, in order; raises what a callback failed with."""
        await asyncio.to_thread(self.gateway.start, self.handover.put)
        try:
            while not self.stopping.is_set():
                heard = await self.handover.take(AT_ONCE, LOOK_SECONDS)
                for arrivals, told in _runs(heard):
                    await self._take(arrivals) if arrivals else await self._control(told)
        finally:
            for task in self._tasks:
                task.cancel()
            self.handover.close()
            await asyncio.to_thread(self.gateway.close)
            CTP_CONNECTED.labels(self.taking.desk.feed).set(0)

    async def _take(self, arrivals: Sequence[Arrival]) -> None:
        feed, places = self.taking.desk.feed, self.taking.places_of(arrivals)
        while self.guard.stopped(feed) and not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), STOPPED_SECONDS)
        while not self.stopping.is_set():
            try:
                await self.taking.recall(places)
            except StoresAway:
                await self._away()
            else:
                batch = self.taking.read(arrivals)
                await self._store(batch)
                with contextlib.suppress(StoresAway):
                    await self.guard.note(feed, len(arrivals), len(batch.letters))
                return

    async def _store(self, batch: Batch) -> None:
        """Store until it is durable; meanwhile the callbacks wait for room."""
        while (batch.events or batch.letters or batch.heard) and not self.stopping.is_set():
            try:
                await self.taking.store(batch)
            except StoresAway:
                await self._away()
            else:
                self.stored()
                return

    async def _away(self) -> None:
        logger().warning("records wait", feed=self.taking.desk.feed, reason="the database is away")
        await asyncio.sleep(AWAY_SECONDS)

    async def _control(self, told: Heard) -> None:
        feed = self.taking.desk.feed
        match told:
            case Connected():
                logger().info("front connected", feed=feed)
                await asyncio.to_thread(self.gateway.login)
            case Disconnected():
                logger().warning("front disconnected", feed=feed)
                CTP_CONNECTED.labels(feed).set(0)
            case LoggedIn(day, 0):
                await self._subscribe(day)
            case LoggedIn(_, error):
                self._refused(error)
            case Broken(failure):
                raise failure

    async def _subscribe(self, day: str) -> None:
        while not self.stopping.is_set():
            try:
                after = await self.taking.resume(day)
            except StoresAway:
                await self._away()
            except BadRow as failure:
                logger().error("no subscription", feed=self.taking.desk.feed, reason=str(failure))
                return
            else:
                break
        else:
            return
        for stream, number in after.items():
            await asyncio.to_thread(self.gateway.subscribe, stream, number)
        logger().info("front subscribed", feed=self.taking.desk.feed, trading_day=day)
        CTP_CONNECTED.labels(self.taking.desk.feed).set(1)

    def _refused(self, error: int) -> None:
        logger().error("login refused", feed=self.taking.desk.feed, error=error)
        if error in NOT_YET:
            self._tasks.add(asyncio.create_task(self._login_later()))

    async def _login_later(self) -> None:
        await asyncio.sleep(NOT_YET_SECONDS)
        await asyncio.to_thread(self.gateway.login)


def _runs(heard: Sequence[Heard]) -> Iterator[tuple[list[Arrival], Heard]]:
    """Yield records that came one after another together, and whatever else alone."""
    for is_arrival, group in groupby(heard, key=lambda one: isinstance(one, Arrival)):
        items = list(group)
        if is_arrival:
            yield [one for one in items if isinstance(one, Arrival)], items[0]
        else:
            yield from (([], one) for one in items)
