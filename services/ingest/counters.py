"""柜台接线 — the counters that the settings name, each a part that runs beside the others."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from services.ingest.adapters.ctp.handover import Handover
from services.ingest.adapters.ctp.instants import Instants
from services.ingest.adapters.ctp.library import LibraryMissing, load
from services.ingest.adapters.ctp.risk_user import Login, RiskUser
from services.ingest.adapters.ctp.trader_user import Client, TraderUser
from services.ingest.agent.ctp import Listening
from services.ingest.agent.ctp_taking import Taking
from services.ingest.agent.guarding import Gatekeeper
from services.ingest.counter_settings import CtpSettings, CtpTraderSettings
from services.ingest.domain.books import OpenBooks
from services.ingest.domain.ctp.desk import Desk
from services.ingest.domain.ctp.gateway import Gateway
from services.ingest.domain.rehearsal import Rehearsal
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
    rehearsal: Rehearsal
    stopping: asyncio.Event

    @property
    def guard(self) -> Gatekeeper:
        """Who says that a counter is stopped."""

    def wake(self) -> None:
        """Something new was stored."""

    def too_much_waits(self) -> bool:
        """Say whether nothing is to be taken until Kafka has caught up."""


def counters(settings: Settings, around: Surroundings) -> list[Part]:
    """Return the parts to run, by name; raises ``LibraryMissing``. Needs a running loop."""
    parts: list[Part] = []
    if settings.ctp:
        parts.append(("ctp-risk", _risk(settings.broker, settings.ctp, around)))
    if settings.ctp_trader:
        parts.append(("ctp-trader", _trader(settings.broker, settings.ctp_trader, around)))
    return parts


def _risk(broker: str, ctp: CtpSettings, around: Surroundings) -> Coroutine[Any, Any, None]:
    api = load(ctp.library).Trade()
    clock: Clock = api if hasattr(api, "now") else around.wall  # a simulated one has its own time
    gateway = RiskUser(api, _login(ctp), Instants(clock))
    desk = Desk(broker, ctp.broker_id, around.calendar, rehearsal=ctp.rehearsal)
    taking = Taking(desk, around.books, around.rehearsal, clock=clock)
    return _listening(gateway, taking, around, ctp.room)


def _trader(
    broker: str, trader: CtpTraderSettings, around: Surroundings
) -> Coroutine[Any, Any, None]:
    client = Client(trader.app_id, trader.auth_code, trader.flow_folder)
    library = load(trader.library)
    gateway = TraderUser(library, _login(trader), client, Instants(around.wall))
    desk = Desk(broker, trader.broker_id, around.calendar, "ctp-trader", trader.rehearsal)
    taking = Taking(desk, around.books, around.rehearsal, clock=around.wall)
    return _listening(gateway, taking, around, trader.room)


def _login(settings: CtpSettings) -> Login:
    return Login(settings.front, settings.broker_id, settings.user_id, settings.password)


def _listening(
    gateway: Gateway, taking: Taking, around: Surroundings, room: int
) -> Coroutine[Any, Any, None]:
    handover = Handover(room, around.too_much_waits)
    listening = Listening(gateway, handover, taking, around.stopping, around.wake, around.guard)
    return listening.run()
