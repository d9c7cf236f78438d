"""柜台接线 — the counters that the settings name, each a part that runs beside the others."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from services.ingest.adapters.ctp.handover import Handover
from services.ingest.adapters.ctp.library import LibraryMissing, load
from services.ingest.adapters.ctp.risk_user import Login, RiskUser
from services.ingest.agent.ctp import Listening
from services.ingest.agent.ctp_taking import Taking
from services.ingest.counter_settings import CtpSettings
from services.ingest.domain.books import OpenBooks
from services.ingest.domain.ctp.desk import Desk
from services.ingest.settings import Settings
from shared.clock import Clock, WallClock
from shared.kernel.trading_day import Calendar

__all__ = ["LibraryMissing", "Surroundings", "counters"]

Part = tuple[str, Coroutine[Any, Any, None]]


class Surroundings(Protocol):
    """What a counter needs of the service around it."""

    calendar: Calendar
    wall: WallClock
    books: OpenBooks
    stopping: asyncio.Event

    def wake(self) -> None:
        """Something new was stored."""


def counters(settings: Settings, around: Surroundings) -> list[Part]:
    """Return the parts to run, by name; raises ``LibraryMissing``. Needs a running loop."""
    return [("ctp-risk", _risk(settings.broker, settings.ctp, around))] if settings.ctp else []


def _risk(broker: str, ctp: CtpSettings, around: Surroundings) -> Coroutine[Any, Any, None]:
    api = load(ctp.library).Trade()
    clock: Clock = api if hasattr(api, "now") else around.wall  # a simulated one has its own time
    login = Login(ctp.front, ctp.broker_id, ctp.user_id, ctp.password)
    desk = Desk(broker, ctp.broker_id, around.calendar, rehearsal=ctp.rehearsal)
    return Listening(
        gateway=RiskUser(api, login, clock),
        handover=Handover(ctp.room),
        taking=Taking(desk, around.books),
        stopping=around.stopping,
        stored=around.wake,
    ).run()
