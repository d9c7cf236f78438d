"""The margin tool over real tables: last settlements, a trade where there is none, and whose."""

import pytest

from tests.integration.test_profile_access import ACCOUNTS, Counter, counter
from tests.kit.profile import EVENTS, told

__all__ = ["counter"]
pytestmark = pytest.mark.integration
HOLDING = EVENTS["positions.settled"]["data"]["holdings"][0]


async def test_a_lot_costs_what_its_future_settled_at(counter: Counter) -> None:
    held = {"instrument": "rb2612", "settlement_price": "3200", "lots": 99}
    account = ACCOUNTS["company"][0]
    await counter.stage.tell(
        told("positions.settled", 50, account=account, holdings=[{**HOLDING, **held}])
    )
    risk = counter.token("r1")
    (rb,) = (await counter.ask("/v1/margin/products?product=RB", risk)).json()
    assert (rb["instrument"], rb["price"], rb["price_from"]) == ("rb2612", "3200", "settlement")
    assert (rb["margin"], rb["exchange_margin"], rb["leverage"]) == ("3200.00", "2240.00", "10.00")
    (asked,) = (await counter.ask("/v1/margin/products?product=rb&price=3101", risk)).json()
    assert (asked["margin"], asked["margin_difference"]) == ("3101.00", "930.30")
    assert (asked["price_from"], asked["price_day"]) == ("asked", None)
    every = (await counter.ask("/v1/margin/products", risk)).json()
    assert len(every) == 86
    assert [one["product"] for one in every if one["price"]] == ["rb"]


async def test_a_future_nobody_holds_costs_what_it_last_traded_at(counter: Counter) -> None:
    clock = told("clock.ticked", 60, trading_day="2026-06-01")
    trade = told("trade.executed", 61, trade_id="t61", instrument="cu2607", price="80010")
    await counter.stage.tell(clock, trade)
    path = "/v1/margin/products?instrument=cu2607"
    (cu,) = (await counter.ask(path, counter.token("m1"))).json()
    assert (cu["price"], cu["price_from"], cu["margin"]) == ("80010", "trade", "48006.00")
    (none,) = (await counter.ask(path.replace("2607", "2512"), counter.token("m1"))).json()
    assert (none["price"], none["margin"]) == (None, None)


async def test_what_an_amount_is_enough_for(counter: Counter) -> None:
    price = HOLDING["settlement_price"]
    answer = await counter.ask("/v1/margin/affordable?amount=100000", counter.token("m1"))
    (band,) = answer.json()["bands"]
    (rb,) = band["products"]
    assert (rb["product"], rb["price"]) == ("rb", price)
    assert band["lots_from"] == 10
    assert len(answer.json()["unpriced"]) == 85


async def test_a_client_out_of_reach_is_404_and_audited(counter: Counter) -> None:
    manager, path = counter.token("m1"), "/v1/margin/affordable?amount=5000&client="
    assert (await counter.ask(f"{path}c-own", manager)).status_code == 200
    for client in ("c-company", "c-none"):
        assert (await counter.ask(f"{path}{client}", manager)).status_code == 404
    await counter.ask("/v1/margin/products", manager)
    entries = (await counter.ask("/v1/audit", counter.token("a1"))).json()["entries"]
    assert [(e["action"], e["subject"], e["outcome"]) for e in entries[::-1]] == [
        ("margin.afforded", "c-own", "granted"),
        ("margin.afforded", "c-company", "refused"),
        ("margin.afforded", "c-none", "refused"),
        ("margin.listed", "all", "granted"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "affordable",
        "affordable?amount=0",
        "affordable?amount=-1",
        "affordable?amount=1.0001",
        "affordable?amount=NaN",
        "products?price=3000",
        "products?product=rb&price=0",
        "products?product=r1",
        "products?instrument=m2609-C-3000",
    ],
)
async def test_what_cannot_be_asked_is_400(counter: Counter, path: str) -> None:
    answer = await counter.ask(f"/v1/margin/{path}", counter.token("r1"))
    assert answer.status_code == 400
