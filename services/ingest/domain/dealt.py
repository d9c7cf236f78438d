"""What the files of trading and holding say, row by row, in the order of the contracts' fields.

A row's content is its JSON: two rows that say the same have the same one, and it can be read back
when a replacement file no longer has the row. ``name`` is what names a row for ever within its day
and kind; a row without one is named by its content.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, TypeVar

import msgspec

from services.ingest.domain.fact import digest
from services.ingest.domain.rows import Good
from shared.contracts.dealings import Direction, Exchange, Hedge, Offset, Side
from shared.kernel.money import to_li

ZERO = Decimal(0)


class OptionOf(msgspec.Struct, frozen=True, array_like=True):
    """期权 — what an option is of."""

    kind: str
    strike: Decimal
    underlying: str | None = None


class DayRow(msgspec.Struct, frozen=True, array_like=True):
    """A row of a day's file. ``counted``: the lots and fee (厘) it adds to its account's day."""

    account: str

    unpublished: ClassVar[frozenset[str]] = frozenset()

    @property
    def name(self) -> str:
        return ""

    @property
    def counted(self) -> tuple[int, int]:
        return 0, 0

    def content(self) -> str:
        """Return what the row says."""
        return msgspec.json.encode(self).decode()

    def body(self) -> dict[str, Any]:
        """Return what is told of it: absent fields are left out."""
        return _fields(self, self.unpublished)


R = TypeVar("R", bound=DayRow)


class TradeRow(DayRow, frozen=True, array_like=True):
    """成交. ``elsewhen``: the file dates it otherwise than its trading day does."""

    exchange: Exchange
    instrument: str
    option: OptionOf | None
    trade_id: str
    order_id: str | None
    direction: Direction
    offset: Offset
    hedge: Hedge
    lots: int
    price: Decimal
    turnover: Decimal | None
    premium: Decimal | None
    executed_at: datetime
    fee: Decimal | None
    profit_mtm: Decimal | None
    profit_tbt: Decimal | None
    elsewhen: bool = False

    unpublished: ClassVar[frozenset[str]] = frozenset({"elsewhen"})

    @property
    def name(self) -> str:
        return f"{self.account}/{self.exchange}/{self.trade_id}/{self.direction}"

    @property
    def counted(self) -> tuple[int, int]:
        return self.lots, to_li(self.fee or ZERO)


class CloseOutRow(DayRow, frozen=True, array_like=True):
    """平仓明细. The file does not say when the lots were opened."""

    exchange: Exchange
    instrument: str
    option: OptionOf | None
    trade_id: str
    opening_trade_id: str | None
    direction: Direction
    lots: int
    open_price: Decimal
    close_price: Decimal
    profit_mtm: Decimal | None
    profit_tbt: Decimal | None

    @property
    def name(self) -> str:
        opened = f"{self.opening_trade_id or ''}/{self.open_price}"
        return f"{self.account}/{self.instrument}/{self.trade_id}/{self.direction}/{opened}"


class HoldingRow(DayRow, frozen=True, array_like=True):
    """持仓汇总. ``part`` keeps apart what the file keeps apart: trading code, 备兑, 组合."""

    exchange: Exchange
    instrument: str
    side: Side
    hedge: Hedge
    lots: int
    average_price: Decimal | None
    settlement_price: Decimal | None
    margin: Decimal | None
    profit_mtm: Decimal | None
    profit_tbt: Decimal | None
    option: OptionOf | None
    part: str = ""

    unpublished: ClassVar[frozenset[str]] = frozenset({"account", "part"})

    @property
    def name(self) -> str:
        return (
            f"{self.account}/{self.exchange}/{self.instrument}/{self.side}/{self.hedge}/{self.part}"
        )

    @property
    def counted(self) -> tuple[int, int]:
        return self.lots, 0


class TodayRow(DayRow, frozen=True, array_like=True):
    """今仓 — how many lots of a holding were opened on this trading day, by 持仓明细."""

    instrument: str
    side: Side
    hedge: Hedge
    lots: int

    @property
    def name(self) -> str:
        return f"{self.account}/{self.instrument}/{self.side}/{self.hedge}"


class DeliveryRow(DayRow, frozen=True, array_like=True):
    """交割明细."""

    exchange: Exchange
    instrument: str
    option: OptionOf | None
    direction: Direction
    lots: int
    delivery_price: Decimal
    turnover: Decimal | None
    fee: Decimal | None
    profit: Decimal | None


class FeeRow(DayRow, frozen=True, array_like=True):
    """其他资金."""

    item: str
    amount: Decimal
    currency: str
    exchange: Exchange | None
    note: str


class Entry(NamedTuple):
    """A row under its name, with what it says."""

    good: Good[Any]
    name: str
    content: str


def entries(rows: Sequence[Good[R]]) -> Iterable[Entry]:
    """Name the rows; those without a name are as many as they are, counted by content from 0."""
    seen: dict[str, int] = {}
    for good in rows:
        content, name = good.row.content(), good.row.name
        if not name:
            number = seen.get(content, 0)
            seen[content] = number + 1
            name = f"{good.row.account}/{digest([content])[:16]}/{number}"
        yield Entry(good, name, content)


def _fields(row: msgspec.Struct, hidden: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        if value is not None and name not in hidden:
            told[name] = _fields(value, frozenset()) if isinstance(value, OptionOf) else value
    return told
