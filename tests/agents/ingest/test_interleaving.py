"""Whatever source comes when: after a day's last files ingest's state and the log say the same.

A source is a list of steps that keep their order among themselves; to add one, add it to
``SOURCES``. The true day: what each step may tell at most, so that nothing is made up.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.ingest import FakeBooks, cusfund, fundchg, reversed_, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker

Step = Callable[[Broker], Awaitable[Any]]
Source = list[Step]


def post(*events: dict[str, Any]) -> Step:
    return lambda broker: broker.post(*events)


def drop(name: str, *lines: str) -> Step:
    return lambda broker: broker.drop(name, *lines)


def out(account: str, amount: str, serial: str, **data: Any) -> dict[str, Any]:
    return withdrew(amount, serial, account=account, **data)


PUSH: Source = [
    post(out("1", "5", "a"), out("1", "5", "b")),
    post(out("2", "7", "c"), out("1", "5", "a")),  # one of them again
    post(out("2", "9", "wrong")),
    post(reversed_("9", "wrong", account="2")),
]
COUNTER: Source = [  # tells some of the same under the same serials, another source
    post(out("1", "5", "b", feed="counter", id="n1"), out("2", "7", "c", feed="counter", id="n2")),
    post(out("3", "4", "d", feed="counter", id="n3")),
]
NIGHT: Source = [  # the money of the day before comes back on this day
    post(out("4", "6", "y", trading_day="2026-05-29")),
    post(reversed_("6", "y", account="4", id="back")),
]
YESTERDAY: Source = [
    drop("0137fundchg20260529.txt", fundchg("4", "-6", "2026-05-29", date="2026-05-29"))
]
TRUE = (
    fundchg("1", "-5"),
    fundchg("1", "-5"),
    fundchg("2", "-7"),
    fundchg("3", "-4"),
    fundchg("4", "6"),
    fundchg("5", "-1"),
    fundchg("2", "-9"),  # one that was reversed, as two rows
    fundchg("2", "9"),
)
MOVED: Source = [
    drop(FUNDS, TRUE[0], TRUE[3], fundchg("5", "-2")),
    drop(FUNDS, *TRUE, fundchg("3", "-4")),
    drop(FUNDS, *TRUE),
]
FUNDED: Source = [
    drop(SETTLED, cusfund("1", "3"), cusfund("2", "4")),
    drop(SETTLED, cusfund("1", "3"), cusfund("2", "5"), cusfund("5", "6")),
]
SOURCES: list[Source] = [PUSH, COUNTER, NIGHT, YESTERDAY, MOVED, FUNDED]


def settled(books: FakeBooks) -> dict[str, Any]:
    """Return what a subscriber comes to: money by account and day, and the settled figures."""
    net: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    figures: dict[str, str] = {}
    for event in books.now.told():
        data = event["data"]
        if event["type"].startswith("funds."):
            net[data["account"], data["trading_day"]] += _signed(event["type"], data)
        elif event["type"] == "account.settled":
            figures[data["account"]] = data["equity"]
    standing: Counter[tuple[str, str, Decimal]] = Counter()
    for m in books.now.movements.values():  # out and in again is nothing
        if m.standing:
            sign = 1 if m.key.direction == "deposit" else -1
            standing[m.key.account, str(m.key.trading_day), m.key.amount] += sign
    return {"net": _not_zero(net), "figures": figures, "standing": _not_zero(standing)}


def _not_zero(counted: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: count for key, count in counted.items() if count}


def _signed(type_: str, data: dict[str, Any]) -> Decimal:
    amount = Decimal(data["amount"])
    if type_ == "funds.reversed":
        return amount if data["direction"] == "withdrawal" else -amount
    return -amount if type_ == "funds.withdrawn" else amount


async def play(order: list[int]) -> dict[str, Any]:
    books, waiting = FakeBooks(), [iter(source) for source in SOURCES]
    broker = Broker(books.open)
    for number in order:
        await next(waiting[number])(broker)
    return settled(books)


IN_TURN = [number for number, source in enumerate(SOURCES) for _ in source]


def test_in_turn_the_day_is_what_its_files_say() -> None:
    state = asyncio.run(play(IN_TURN))
    day = {(a, d): str(v) for (a, d), v in state["net"].items()}
    assert day == {
        ("1", "2026-06-01"): "-10",
        ("2", "2026-06-01"): "-7",
        ("3", "2026-06-01"): "-4",
        ("4", "2026-05-29"): "-6",
        ("4", "2026-06-01"): "6",
        ("5", "2026-06-01"): "-1",
    }
    assert json.dumps(state["figures"]) == '{"1": "3", "2": "5", "5": "6"}'


@settings(deadline=None, max_examples=60)
@given(st.permutations(IN_TURN))
def test_any_interleaving_of_sources_comes_to_the_same(order: list[int]) -> None:
    assert asyncio.run(play(order)) == asyncio.run(play(IN_TURN))
