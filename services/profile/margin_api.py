"""``GET /v1/margin/…``: what a lot of each product ties up, and what an amount is enough for."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.profile.adapters import prices
from services.profile.adapters.prices import LastPrice
from services.profile.adapters.records import Records
from services.profile.desk import Desk
from services.profile.domain.margin import Product, product_of
from services.profile.margin_views import Affordable, AffordableView, Products, ProductView
from services.profile.quoting import Quoting
from services.profile.reaching import reached
from shared.kernel.trading_day import CHINA
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]


def router(desk: Desk) -> APIRouter:
    """Return the two questions; a client out of reach is 404, and in the audit."""
    made = APIRouter(responses=described(400, 401, 403, 404, 503))

    @made.get("/v1/margin/products")
    async def list_products(
        access: Reader, asked: Annotated[Products, Query()]
    ) -> list[ProductView]:
        """Say each product's rates, and what one lot ties up at a price."""
        async with _opened(desk, access, asked.client, "margin.listed") as (records, day):
            known = await prices.settlements(records)
            if asked.instrument:
                known = await _of(records, asked.instrument, known, day)
        quoting = Quoting(desk.rates, asked.client, prices.most_held(known), asked.price)
        return [quoting.row(one) for one in desk.rates.on(day) if _wanted(one, asked)]

    @made.get("/v1/margin/affordable")
    async def list_affordable(
        access: Reader, asked: Annotated[Affordable, Query()]
    ) -> AffordableView:
        """Say how many lots of each product an amount is enough for, at last settlements."""
        async with _opened(desk, access, asked.client, "margin.afforded") as (records, day):
            known = await prices.settlements(records)
        quoting = Quoting(desk.rates, asked.client, prices.most_held(known))
        return quoting.affordable(desk.rates.on(day), asked.amount)

    return made


@contextlib.asynccontextmanager
async def _opened(
    desk: Desk, access: Access, client: str | None, action: str
) -> AsyncIterator[tuple[Records, date]]:
    """Open the tables, at the day that runs; the audit is last. A client out of reach is 404."""
    now = desk.clock.now()
    look = access.entry(now, action, client or "all")
    async with desk.open_records() as records:
        seen = client is None or await reached(records, access, client)
        if seen:
            yield records, await prices.running_day(records) or now.astimezone(CHINA).date()
        await records.note(look if seen else replace(look, outcome="refused"))
    if not seen:
        raise Refusal(404, "no such client")


async def _of(
    records: Records, instrument: str, settled: Sequence[LastPrice], day: date
) -> Sequence[LastPrice]:
    if product_of(instrument) is None:
        raise Refusal(400, "instrument: not a future")
    if found := [one for one in settled if one.instrument == instrument]:
        return found
    trade = await prices.traded(records, instrument, day)
    return [trade] if trade else []


def _wanted(product: Product, asked: Products) -> bool:
    codes = {asked.product, product_of(asked.instrument or "")} - {None}
    mine = product.code.upper()
    return asked.exchange in (None, product.exchange) and all(
        mine == str(code).upper() for code in codes
    )
