"""Events of the contract whose moment or day cannot be: the kinds of row C2."""

from datetime import timedelta
from typing import Any

from tests.fault.poison import Poison, as_json
from tests.fault.workload import BROKER, Workload

FAR = timedelta(days=200)
MONEY = {"equity": "3000000", "available": "-60000"}
ORDER = {"exchange": "SHFE", "instrument": "rb2610", "direction": "sell", "price": "3120"}
ORDER |= {"order_id": "odd", "reason": "1", "status": "open"}

DAYS = {
    "a day of 2099": "2099-06-01",
    "a day of December": "2026-12-01",
    "a day of 1999": "1999-06-01",
}
MOMENTS = {"in 200 days": FAR, "200 days ago": -FAR}
KINDS = (
    *(f"{what} on {day}" for what in ("withdrawal", "settlement") for day in DAYS),
    *(f"{what} {when}" for what in ("snapshot", "order") for when in MOMENTS),
)


def odd(kind: str, work: Workload, account: str) -> Poison:
    """Return an event that is out of its time; the oracle does not hear of it."""
    what, _, when = kind.partition(" ")
    event = _made(what, work, account)
    if when in MOMENTS:
        event["data"]["at"] = (work.moment + MOMENTS[when]).isoformat()
    else:
        event["data"]["trading_day"] = DAYS[when.removeprefix("on ")]
    return Poison(kind, f"{BROKER}:{account}".encode(), as_json(event))


def _made(what: str, work: Workload, account: str) -> dict[str, Any]:
    match what:
        case "settlement":
            return work.unheard(account, "account.settled", **MONEY)
        case "snapshot":
            return work.unheard(account, "account.snapshotted", at=work.moment, **MONEY)
        case "order":
            lots = {"lots": 5, "filled": 0}
            return work.unheard(account, "order.force-closed", at=work.moment, **ORDER, **lots)
        case _:
            return work.unheard(account)
