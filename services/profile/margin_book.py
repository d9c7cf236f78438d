"""保证金率的数据 — ``margin_rates.yaml`` and an override upon it become one ``RateBook``.

Every scalar is read as the text that stands there, so that no rate passes through a float. What is
wrong is told row by row, all of it at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.profile.domain.margin import Key, Product, RateBook, Source, key
from shared.contracts.dealt import Exchange
from shared.contracts.event import Code

SHIPPED = Path(__file__).with_name("margin_rates.yaml")
T = TypeVar("T")
Rate = Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)]
AddOn = Annotated[Decimal, Field(ge=0, lt=1, decimal_places=6)]
Whole = Annotated[int, Field(ge=1, le=100_000)]
NEEDED = ("name", "multiplier", "tick", "exchange")
"""What the row of a product says that nobody has told before."""


class WrongRates(ValueError):
    """Each of ``errors`` is one row's: where it stands and what is wrong with it."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class Head(BaseModel):
    """What a file says of all its rows."""

    model_config = ConfigDict(frozen=True)

    version: Whole
    source: Source
    add_on: AddOn | None = None
    bands: Annotated[tuple[Whole, ...], Field(min_length=1)] | None = None


class Line(BaseModel):
    """What a row says of a product; what it leaves out stays as it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    multiplier: Whole | None = None
    tick: Annotated[Decimal, Field(gt=0, decimal_places=4)] | None = None
    exchange: Rate | None = None
    add_on: AddOn | None = None
    company: Rate | None = None
    since: date = date.min
    source: Source | None = None


PARTS = {*Head.model_fields, "products", "clients"}
_EXCHANGE: TypeAdapter[Exchange] = TypeAdapter(Exchange)
_CLIENT: TypeAdapter[str] = TypeAdapter(Code)
_RATE: TypeAdapter[Decimal] = TypeAdapter(Rate)


@dataclass
class Reading:
    """A book in the making: each file is taken upon those before it."""

    rows: dict[Key, list[Line]] = field(default_factory=dict)
    codes: dict[Key, str] = field(default_factory=dict)
    clients: dict[str, dict[Key, Decimal]] = field(default_factory=dict)
    bands: tuple[int, ...] = ()
    add_on: Decimal = Decimal(0)
    errors: list[str] = field(default_factory=list)

    def take(self, text: str) -> None:
        """Take one file; what is wrong with a row leaves the others be."""
        table = self._table(text)
        self.errors += [f"{name}: 没有这一项 no such part" for name in table.keys() - PARTS]
        head = self._checked("", partial(Head.model_validate, table))
        if head is None:
            return
        self.bands = tuple(sorted(set(head.bands or self.bands)))
        self.add_on = self.add_on if head.add_on is None else head.add_on
        for exchange, rows in self._part(table, "products").items():
            if self._checked(exchange, partial(_EXCHANGE.validate_python, exchange)):
                for code, row in self._part({exchange: rows}, exchange).items():
                    self._product(key(exchange, code), code, row, head.source)
        for client, rates in self._part(table, "clients").items():
            if self._checked(f"clients.{client}", partial(_CLIENT.validate_python, client)):
                for product, rate in self._part({client: rates}, client).items():
                    self._client(client, product, rate)

    def book(self) -> RateBook:
        """Return the book; raises ``WrongRates`` with every row that is wrong."""
        lines = {
            named: tuple(self._made(named, line) for line in lines)
            for named, lines in self.rows.items()
        }
        for line in (one for lines in lines.values() for one in lines):
            if not line.exchange_rate <= line.company_rate <= 1:
                told = f"{line.company_rate:f}, {line.exchange_rate:f}"
                self.errors.append(
                    f"{line.exchange}.{line.code}: 公司的低于交易所的，或大于 1 · "
                    f"the company's rate is below the exchange's or above 1: {told}"
                )
        if self.errors:
            raise WrongRates(self.errors)
        return RateBook(lines, self.bands, self.clients)

    def _product(self, named: Key, code: str, row: Any, source: Source) -> None:
        where = f"{named[0]}.{code}"
        line = self._checked(where, partial(Line.model_validate, row))
        if line is None:
            return
        before = self.rows.get(named, [])
        told = {name: getattr(line, name) for name in line.model_fields_set}
        if before and "exchange" in told and "company" not in told:
            told["company"] = None  # a rate of the company's was upon the exchange's of then
        merged = (before[-1] if before else line).model_copy(
            update={**told, "since": line.since, "source": line.source or source}
        )
        missing = [name for name in NEEDED if getattr(merged, name) is None]
        if missing:
            said = f"新品种缺 a new product needs {', '.join(missing)}"
            self.errors.append(f"{where}: {said}")
            return
        self.codes.setdefault(named, code)
        self.rows[named] = [*(one for one in before if one.since < line.since), merged]

    def _client(self, client: str, product: str, told: Any) -> None:
        where = f"clients.{client}.{product}"
        exchange, _, code = product.partition(".")
        if key(exchange, code) not in self.rows:
            self.errors.append(f"{where}: 没有这个品种 no such product")
        elif rate := self._checked(where, partial(_RATE.validate_python, told)):
            self.clients.setdefault(client, {})[key(exchange, code)] = rate

    def _made(self, named: Key, line: Line) -> Product:
        said: dict[str, Any] = line.model_dump(include={"name", "multiplier", "tick", "since"})
        rate = line.exchange or Decimal(0)
        add_on = self.add_on if line.add_on is None else line.add_on
        return Product(
            **said,
            exchange=named[0],
            code=self.codes[named],
            exchange_rate=rate,
            company_rate=line.company or rate + add_on,
            source=line.source or Source("", date.min, False),
        )

    def _table(self, text: str) -> Mapping[str, Any]:
        try:
            table = yaml.load(text, yaml.BaseLoader)  # noqa: S506 the one that makes text alone
        except yaml.YAMLError as error:
            self.errors.append(" ".join(str(error).split()))
            return {}
        return self._part({"": table}, "")

    def _part(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        part = table.get(name) or {}
        if isinstance(part, dict):
            return part
        self.errors.append(f"{name}: 不是一张表 not a table")
        return {}

    def _checked(self, where: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValidationError as error:
            for wrong in error.errors(include_url=False, include_context=False):
                place = ".".join(filter(None, (where, *map(str, wrong["loc"]))))
                self.errors.append(f"{place}: {wrong['msg']}")
            return None


def read_rates(override: Path | None = None) -> RateBook:
    """Return the book: what is shipped, and what a file says upon it; raises ``WrongRates``."""
    reading = Reading()
    for path in filter(None, (SHIPPED, override)):
        reading.take(path.read_text(encoding="utf-8"))
    return reading.book()
