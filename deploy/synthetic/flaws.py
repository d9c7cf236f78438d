"""What an upstream can get wrong about an event, one way each; every one must be refused."""

from collections.abc import Callable
from typing import Any

Body = dict[str, Any]


def spoilt(event: Body, flaw: str) -> Body:
    """Return the event with one flaw.

    >>> spoilt({"id": "1", "data": {"amount": "5.00"}}, "a-float-amount")["data"]
    {'amount': 9000000.5}
    """
    return FLAWS[flaw](event)


def _with(event: Body, **data: Any) -> Body:
    return {**event, "data": {**event["data"], **data}}


FLAWS: dict[str, Callable[[Body], Body]] = {
    "a-float-amount": lambda event: _with(event, amount=9000000.5),
    "not-a-number": lambda event: _with(event, amount="NaN"),
    "an-impossible-day": lambda event: _with(event, trading_day="2026-02-30", amount="9000000.00"),
    "no-identity": lambda event: {k: v for k, v in event.items() if k != "id"},
}
