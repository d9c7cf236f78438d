"""日终结算 — what an account's settlement said, kept as text, and said again.

The text is ``equity/available/opening[/margin]`` in 厘, then ``;name=value`` for what other sources
add: lots in 手, money in 厘.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from services.ingest.domain.fact import Fact
from services.ingest.domain.replacement import content as funds
from services.ingest.domain.sources.cusfund import FundRow
from services.ingest.domain.telling import Teller
from shared.kernel.money import from_li

MONEY = (
    "exchange_margin",
    "close_profit",
    "position_profit",
    "commission",
    "deposit",
    "withdrawal",
)
LOTS = ("traded_lots", "position_lots")


class Figures(NamedTuple):
    """An account's settled funds, and by the contract's names what is known besides."""

    row: FundRow
    more: Mapping[str, int] = {}

    def content(self) -> str:
        """Return the figures as text, so that 100 and 100.00 say the same.

        >>> row = FundRow("80012345", Decimal("100.00"), Decimal(20), None, Decimal(80))
        >>> Figures(row).content(), Figures(row, {"traded_lots": 2}).content()
        ('100000/20000/', '100000/20000/;traded_lots=2')
        """
        more = [f";{name}={self.more[name]}" for name in (*MONEY, *LOTS) if name in self.more]
        return "".join([funds(self.row), *more])

    def over(self, before: str | None) -> "Figures":
        """Return the figures with what was known besides, if the funds are still the same."""
        if before is None or before.partition(";")[0] != funds(self.row):
            return self
        return Figures(self.row, {**read(self.row.account, before).more, **self.more})


def read(account: str, content: str) -> Figures:
    """Return the figures that a text says of an account.

    >>> read("1", "100000/20000/90000;traded_lots=2").row.margin
    Decimal('80')
    """
    text, *named = content.split(";")
    equity, available, opening, *margin = text.split("/")
    rest = from_li(int(equity) - int(available))
    row = FundRow(
        account=account,
        equity=from_li(int(equity)),
        available=from_li(int(available)),
        opening_equity=_yuan(opening),
        margin=_yuan(margin[0]) if margin else (rest if rest >= 0 else None),
    )
    return Figures(row, {name: int(value) for name, _, value in (n.partition("=") for n in named)})


def settled(figures: Figures, teller: Teller, name: str) -> Fact:
    """日终结算 — an account's figures of the day as ``account.settled``."""
    row, more = figures
    money = {n: from_li(more[n]) for n in MONEY if n in more}
    told = {
        "account": row.account,
        "equity": row.equity,
        "available": row.available,
        "margin": row.margin,
        **money,
        "opening_equity": row.opening_equity,
    }
    body = {n: f"{v:f}" if isinstance(v, Decimal) else v for n, v in told.items() if v is not None}
    return teller.tell("account.settled", name, body | {n: more[n] for n in LOTS if n in more})


def _yuan(text: str) -> Decimal | None:
    return from_li(int(text)) if text.lstrip("-") else None
