"""看守 — sends the daily canary, judges it, and tells when nothing is sent any more.

What it finds stands in gauges whether or not anybody is to be told; telling needs a canary's
settings, since somebody must be named.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters import soundings
from services.notify.agent import Teller
from services.notify.domain.canary import (
    Canary,
    ages,
    days,
    is_due,
    is_trading,
    lost,
    silence,
    which,
)
from services.notify.domain.decide import DAWN
from services.notify.domain.duty import Applies
from services.notify.domain.own_alerts import SOURCE, missed, silent, song
from services.notify.page import CHANNELS
from shared.contracts.alerts import AlertRaised
from shared.observability.metrics import CANARY_AGE, SILENT_SECONDS


@dataclass
class Guard:
    """``reporting``: the channels whose providers report what became of a message."""

    database: AsyncEngine
    teller: Teller
    trading: Applies
    canary: Canary | None
    reporting: Collection[str]
    _began: datetime | None = field(default=None, init=False)
    _said: set[UUID] = field(default_factory=set, init=False)

    async def look(self) -> None:
        """Look once."""
        now = self.teller.clock.now()
        if now <= DAWN:
            return
        self._began = self._began or now
        if self.canary is not None:
            await self._canary(self.canary, self._began, now)
        await self._silence(self._began, now)

    async def _canary(self, canary: Canary, began: datetime, now: datetime) -> None:
        today, *_ = days(now)
        if is_due(canary, now):
            await self._tell(song(canary, today))
        canaries = {which(canary, day): day for day in days(now)}
        async with self.database.connect() as connection:
            decided = await soundings.decided(connection, canaries)
            arrived = await soundings.arrived(connection, canaries, canary.staff, self.reporting)
        since = min(decided.values(), default=began)
        for channel, age in ages(canary, since, arrived, now).items():
            CANARY_AGE.labels(channel).set(age.total_seconds())
        for channel in lost(canary, decided.get(today), arrived, now):
            name = CHANNELS.get(channel, channel)
            await self._tell(missed(canary, today, channel, name))

    async def _silence(self, began: datetime, now: datetime) -> None:
        async with self.database.connect() as connection:
            last = await soundings.last_sent(connection) or began
        quiet = silence(self.trading, last, now)
        SILENT_SECONDS.set(quiet.total_seconds())
        if self.canary is None or quiet < timedelta(minutes=self.canary.silent_minutes):
            return
        if is_trading(self.trading, now):
            await self._tell(silent(self.canary, last))

    async def _tell(self, event: AlertRaised) -> None:
        """Tell it as any alert; said already, by this worker or another one, it is a repeat."""
        if event.data.alert_id not in self._said:
            await self.teller.hear(event, SOURCE)
            self._said.add(event.data.alert_id)
