"""The console's part of the wiring: its own connections, so that who looks holds up no message."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.notify.adapters.hearing import Places
from services.notify.adapters.rounds import Bell, Loop
from services.notify.answering import Answering
from services.notify.desk import Desk, desk
from services.notify.settings import Settings
from shared.clock import WallClock
from shared.db.session import engine

CONNECTIONS = 4
PLACE, LOOK = 0.3, 0.3


@dataclass(frozen=True)
class Counter:
    """Who may ask, and what runs for them; nobody, unless a broker is named."""

    desk: Desk | None = None
    loops: tuple[Loop, ...] = ()


def counter(settings: Settings, answering: Answering, stack: AsyncExitStack) -> Counter:
    """Return the console's parts; what must be closed is entered into ``stack``."""
    if settings.broker is None:
        return Counter()
    database = engine(settings.postgres, "notify", pool_size=CONNECTIONS)
    stack.push_async_callback(database.dispose)
    made = desk(database, settings.broker, settings.tokens, answering, WallClock())
    places = Places(database)
    return Counter(
        made,
        (
            Loop("places", places.step, Bell(), PLACE),
            Loop("live", made.live.step, Bell(), LOOK),
        ),
    )
