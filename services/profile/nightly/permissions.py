"""特殊品种权限 — every account's status by class; who becomes eligible is told once."""

from services.profile.adapters.permissions import Became, evaluate
from services.profile.domain.fact import closing
from services.profile.night import Night, Step
from shared.contracts.profiles import Eligible, PermissionBecameEligible, became_eligible
from shared.kernel.trading_day import TradingDay


async def run(night: Night) -> int:
    """Evaluate the day; return how many accounts became eligible for something."""
    became = await evaluate(
        night.connection, night.broker, night.day, night.calendar, night.conditions
    )
    await night.tell(*(_told(night, one) for one in became))
    return len(became)


def _told(night: Night, one: Became) -> PermissionBecameEligible:
    classes = night.conditions.classes
    said = Eligible(
        broker=night.broker,
        customer_id=one.customer_id,
        account=one.account,
        permissions=tuple(one.classes),
        names=tuple(classes[code].name for code in one.classes),
        trading_day=night.day,
    )
    return became_eligible(said, closing(TradingDay(night.day)))


STEP = Step("permissions", run)
