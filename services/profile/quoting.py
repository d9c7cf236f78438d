"""报价 — products at their rates and prices become what the margin tool answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.profile.adapters.prices import LastPrice
from services.profile.domain import margin
from services.profile.domain.margin import Key, Product, RateBook
from services.profile.margin_views import AffordableView, BandView, LotsView, ProductView

FROM = {True: "settlement", False: "trade"}


@dataclass(frozen=True)
class Quoting:
    """At which client's rates, and at which prices; ``asked`` is a price somebody asks about."""

    book: RateBook
    client: str | None
    prices: Mapping[Key, LastPrice]
    asked: Decimal | None = None

    def row(self, product: Product) -> ProductView:
        """Return a product's figures beside each other."""
        lot, rate = self._lot(product), self._rate(product)
        price = lot["price"]
        value = None if price is None else margin.lot_value(product, price)
        at_exchange = None
        if price is not None:
            at_exchange = margin.lot_margin(product, price, product.exchange_rate)
        source = product.source
        return ProductView.model_validate(
            {
                **lot,
                "multiplier": product.multiplier,
                "tick": product.tick,
                "tick_value": product.tick * product.multiplier,
                "exchange_rate": product.exchange_rate,
                "company_rate": product.company_rate,
                "difference": rate - product.exchange_rate,
                "leverage": margin.leverage(rate),
                "lot_value": value,
                "exchange_margin": at_exchange,
                "margin_difference": None if at_exchange is None else lot["margin"] - at_exchange,
                "source": f"{source.name} {source.read_on}",
            }
        )

    def affordable(self, products: Iterable[Product], amount: Decimal) -> AffordableView:
        """Return how many lots of each an amount is enough for, by bands."""
        bands: dict[int, list[LotsView]] = {}
        unpriced = []
        for product in products:
            lot = self._lot(product)
            if lot["margin"] is None:
                unpriced.append(f"{product.exchange}.{product.code}")
                continue
            held = margin.affordable(amount, lot["margin"])
            view = LotsView.model_validate({**lot, "lots": held.lots, "left": held.left})
            bands.setdefault(margin.band(held.lots, self.book.bands), []).append(view)
        return AffordableView(
            amount=amount,
            bands=[self._band(floor, bands[floor]) for floor in sorted(bands, key=_last_if_none)],
            unpriced=sorted(unpriced),
        )

    def _band(self, floor: int, views: Sequence[LotsView]) -> BandView:
        cheapest = sorted(views, key=lambda one: (one.margin, one.exchange, one.product))
        name = margin.band_name(floor, self.book.bands)
        return BandView(lots_from=floor, name=name, products=cheapest)

    def _rate(self, product: Product) -> Decimal:
        return self.book.own_rate(product, self.client) or product.company_rate

    def _lot(self, product: Product) -> dict[str, Any]:
        rate, known = self._rate(product), self.prices.get(product.key)
        price = self.asked or (known.price if known else None)
        agreed = self.book.own_rate(product, self.client) is not None
        told = "asked" if self.asked else (FROM[known.settled] if known else None)
        return {
            "exchange": product.exchange,
            "product": product.code,
            "name": product.name,
            "instrument": known.instrument if known else None,
            "price": price,
            "price_from": told,
            "price_day": known.trading_day if known and not self.asked else None,
            "rate": rate,
            "rate_of": "client" if agreed else "company",
            "margin": None if price is None else margin.lot_margin(product, price, rate),
            "verified": product.source.verified,
        }


def _last_if_none(floor: int) -> tuple[bool, int]:
    return floor == 0, floor
