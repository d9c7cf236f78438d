"""Which topic goes to whom."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.adapters.directory import learn_customers, learn_staff
from services.notify.adapters.reader import Read, Subject
from services.notify.agent import Teller
from services.notify.clicking import Clicking
from services.notify.domain.from_profile import alert_of
from shared.contracts.alerts import ALERTS
from shared.contracts.callbacks import CALLBACKS
from shared.contracts.customers import CUSTOMERS
from shared.contracts.profiles import PROFILES
from shared.contracts.staff import STAFF
from shared.contracts.topics import ALERT, CALLBACK, CUSTOMER, PROFILE
from shared.contracts.topics import STAFF as STAFF_TOPIC

AT_ONCE = 500
HEARD_AT_ONCE = 50
"""Alerts in one transaction: enough to share its cost, few enough that none waits long for it."""


def subjects(
    database: AsyncEngine, teller: Teller, clicking: Clicking, learnt: Callable[[], None]
) -> Mapping[str, Subject]:
    """Return the topics. ``learnt`` is called when the directory has changed."""

    async def customers(batch: Sequence[Read]) -> None:
        async with database.begin() as connection:
            await learn_customers(connection, [read.event for read in batch])
        learnt()

    async def staff(batch: Sequence[Read]) -> None:
        async with database.begin() as connection:
            await learn_staff(connection, [read.event for read in batch])
        learnt()

    async def clicks(batch: Sequence[Read]) -> None:
        for read in batch:
            await clicking.take(read.event)

    async def alerts(batch: Sequence[Read]) -> None:
        await teller.hear_all([(read.event, read.origin) for read in batch])

    async def facts(batch: Sequence[Read]) -> None:
        told = ((alert_of(read.event, read.origin), read.origin) for read in batch)
        await teller.hear_all([(alert, origin) for alert, origin in told if alert is not None])

    return {
        CUSTOMER.name: Subject(CUSTOMERS, customers, ordered=True, batch=AT_ONCE),
        STAFF_TOPIC.name: Subject(STAFF, staff, ordered=True, batch=AT_ONCE),
        CALLBACK.name: Subject(CALLBACKS, clicks, ordered=False, batch=1),
        PROFILE.name: Subject(PROFILES, facts, ordered=False, batch=HEARD_AT_ONCE),
        ALERT.name: Subject(ALERTS, alerts, ordered=False, batch=HEARD_AT_ONCE),
    }
