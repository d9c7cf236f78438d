"""强平通知: forced_liquidation (A3)."""

from shared.contracts.trading import OrderStatus
from tests.kit.oracle.case import Case
from tests.kit.oracle.history import ENDINGS

RULE = "forced_liquidation"
LIVE, ENDED = 1, 2


def ordered(case: Case) -> None:
    order, was = case.data, case.before.order
    if not case.before.news:
        return
    if was is None:
        case.say("raised", RULE, order.order_id, level=LIVE)
    if order.status in ENDINGS:
        sold = order.filled or order.status is OrderStatus.FILLED
        case.say("confirmed" if sold else "withdrawn", RULE, order.order_id, level=ENDED)
    elif was is not None and (was.filled, was.status) != (order.filled, order.status):
        case.say("updated", RULE, order.order_id, level=LIVE)


def ended(case: Case) -> None:
    """What the minute's check, the day's settlement or its close makes an end of."""
    for order in case.before.cured:
        case.say("confirmed", RULE, order, level=ENDED)
    for order, filled in case.before.expired.items():
        case.say("confirmed" if filled else "withdrawn", RULE, order, level=ENDED)
