"""保证金率的答复. A rate is a share of the contract's value; money is 元 as a string."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from services.profile.view import View
from shared.contracts.dealt import Exchange
from shared.contracts.event import Code
from shared.contracts.instruments import Instrument
from shared.kernel.money import Amount, Price

Exact = Annotated[Decimal, PlainSerializer(lambda one: f"{one:f}", return_type=str)]
ROW: dict[str, Any] = {
    "exchange": "SHFE",
    "product": "rb",
    "name": "螺纹钢",
    "instrument": "rb2610",
    "price": "3101",
    "price_from": "settlement",
    "price_day": "2026-06-01",
    "rate": "0.10",
    "rate_of": "company",
    "margin": "3101.00",
    "verified": False,
}


class OfClient(BaseModel):
    """At whose rates: a client's own where one is agreed, else the company's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client: Code | None = None


class Products(OfClient):
    """Of which products, at which price; without one, each at its last settlement."""

    exchange: Exchange | None = None
    product: str | None = Field(default=None, pattern=r"^[A-Za-z]{1,4}$", description="rb, TA …")
    instrument: Instrument | None = Field(default=None, description="one future: rb2610")
    price: Annotated[Price, Field(gt=0, lt=10**9)] | None = None

    @model_validator(mode="after")
    def _of_something(self) -> "Products":
        if self.price is not None and self.product is None and self.instrument is None:
            raise ValueError("price: of which product or instrument?")
        return self


class Affordable(OfClient):
    """With how much money: 元."""

    amount: Annotated[Amount, Field(examples=["5000"], description="元, exact to 厘")]


class LotView(View):
    """一手 — what one lot of a product ties up; without a known price the money is null.

    ``rate`` is the client's own where ``rate_of`` says so. ``price_from``: asked, the last
    settlement, or the last trade. Not ``verified``: check the rate before a client hears it.
    """

    exchange: str
    product: str
    name: str
    instrument: str | None
    price: Exact | None
    price_from: Literal["asked", "settlement", "trade"] | None
    price_day: date | None
    rate: Exact
    rate_of: Literal["company", "client"]
    margin: Exact | None
    verified: bool


class ProductView(LotView):
    """品种 — its rates beside each other. ``difference`` is ``rate`` less the exchange's."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **ROW,
                "multiplier": 10,
                "tick": "1",
                "tick_value": "10",
                "exchange_rate": "0.07",
                "company_rate": "0.10",
                "difference": "0.03",
                "leverage": "10.00",
                "lot_value": "31010",
                "exchange_margin": "2170.70",
                "margin_difference": "930.30",
                "source": "… 2026-11-21",
            }
        }
    )

    multiplier: int
    tick: Exact
    tick_value: Exact
    exchange_rate: Exact
    company_rate: Exact
    difference: Exact
    leverage: Exact
    lot_value: Exact | None
    exchange_margin: Exact | None
    margin_difference: Exact | None
    source: str


class LotsView(LotView):
    """能做几手 — ``left`` is what remains of the amount."""

    lots: int
    left: Exact


class BandView(View):
    """一档 — the products of which the amount is enough for so many lots, the cheapest first."""

    lots_from: int
    name: str
    products: list[LotsView]


class AffordableView(View):
    """能做什么 — from one lot upwards; last what it is not enough for. ``unpriced``: not known."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "amount": "5000",
                "bands": [
                    {
                        "lots_from": 1,
                        "name": "1手",
                        "products": [{**ROW, "lots": 1, "left": "1899.00"}],
                    }
                ],
                "unpriced": ["CZCE.WH"],
            }
        }
    )

    amount: Exact
    bands: list[BandView]
    unpriced: list[str]
