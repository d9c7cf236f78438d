"""成交记录, 平仓明细, 交割明细 of a statement. Its trades have a day and no time: 00:00 stands."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

import msgspec

from services.ingest.domain.cfmmc import amount_or_none, lots, price, token
from services.ingest.domain.dealt import CloseOutRow, DeliveryRow, TradeRow
from services.ingest.domain.option_code import option_of
from services.ingest.domain.rows import instrument_code
from services.ingest.domain.statements.parts import Cells, Part, Row, Whose, own_day
from services.ingest.domain.trade_words import (
    DIRECTIONS,
    EXCHANGES,
    HEDGES,
    OFFSETS,
    word,
)
from shared.contracts.dealings import Offset
from shared.kernel.trading_day import CHINA

UNNUMBERED = "-"
"""The trade of a close-out for which 成交记录 has none."""


def traded(cells: Cells, whose: Whose) -> TradeRow:
    """Return one trade."""
    instrument = instrument_code(cells["合约"], "合约")
    option = option_of(instrument)
    mtm, tbt = _profits(cells, whose)
    return TradeRow(
        account=whose.account,
        exchange=word(EXCHANGES, cells["交易所"], "交易所"),
        instrument=instrument,
        option=option,
        trade_id=token(cells, "成交序号"),
        order_id=None,
        direction=word(DIRECTIONS, cells["买/卖"], "买/卖"),
        offset=word(OFFSETS, cells["开平"], "开平"),
        hedge=word(HEDGES, cells.get("投/保") or "投", "投/保"),
        lots=lots(cells, "手数"),
        price=price(cells, "成交价"),
        turnover=amount_or_none(cells, "成交额"),
        premium=amount_or_none(cells, "权利金收支") if option else None,
        executed_at=datetime.combine(own_day(cells, "成交日期", whose), time(0), CHINA),
        fee=amount_or_none(cells, "手续费"),
        profit_mtm=mtm,
        profit_tbt=tbt,
    )


def closed(cells: Cells, whose: Whose) -> CloseOutRow:
    """Return one close-out; ``numbered`` finds its trade where the layout does not name it."""
    own_day(cells, "平仓日期", whose)
    instrument = instrument_code(cells["合约"], "合约")
    mtm, tbt = _profits(cells, whose)
    return CloseOutRow(
        account=whose.account,
        exchange=word(EXCHANGES, cells["交易所"], "交易所"),
        instrument=instrument,
        option=option_of(instrument),
        trade_id=token(cells, "成交序号") if cells.get("成交序号") else UNNUMBERED,
        opening_trade_id=token(cells, "原成交序号") if cells.get("原成交序号") else None,
        direction=word(DIRECTIONS, cells["买/卖"], "买/卖"),
        lots=lots(cells, "手数"),
        open_price=price(cells, "开仓价"),
        close_price=price(cells, "成交价"),
        profit_mtm=mtm,
        profit_tbt=tbt,
    )


def delivered(cells: Cells, whose: Whose) -> DeliveryRow:
    """Return one delivery."""
    own_day(cells, "交割日期", whose)
    instrument = instrument_code(cells["合约"], "合约")
    return DeliveryRow(
        account=whose.account,
        exchange=word(EXCHANGES, cells["交易所"], "交易所"),
        instrument=instrument,
        option=option_of(instrument),
        direction=word(DIRECTIONS, cells["买/卖"], "买/卖"),
        lots=lots(cells, "手数"),
        delivery_price=price(cells, "交割价"),
        turnover=amount_or_none(cells, "交割货款"),
        fee=amount_or_none(cells, "手续费"),
        profit=amount_or_none(cells, "交割盈亏"),
    )


def _profits(cells: Cells, whose: Whose) -> tuple[Decimal | None, Decimal | None]:
    """Return 平仓盈亏 as 逐日盯市 and 逐笔对冲: a statement tells one of them."""
    profit = amount_or_none(cells, "平仓盈亏")
    return (profit, None) if whose.layout == "mtm" else (None, profit)


@dataclass
class _Left:
    """A closing trade, and how many of its lots no close-out has taken yet."""

    trade: TradeRow
    lots: int

    def closes(self, row: CloseOutRow) -> bool:
        trade = self.trade
        ours = (trade.exchange, trade.instrument, trade.direction, trade.price)
        told = (row.exchange, row.instrument, row.direction, row.close_price)
        return ours == told and self.lots >= row.lots


def numbered(closes: Part[CloseOutRow], trades: Part[TradeRow]) -> Part[CloseOutRow]:
    """Name the trade of each close-out: the closing trade of its contract, side and price.

    A trade gives its number to as many lots as it has.
    """
    left = [_Left(t, t.lots) for t in trades.each() if t.offset is not Offset.OPEN]
    rows = tuple(Row(row.line, _numbered(row.row, left)) for row in closes.rows)
    return Part(rows, closes.whole)


def _numbered(row: CloseOutRow, left: list[_Left]) -> CloseOutRow:
    found = next((one for one in left if one.closes(row)), None)
    if row.trade_id != UNNUMBERED or found is None:
        return row
    found.lots -= row.lots
    return msgspec.structs.replace(row, trade_id=found.trade.trade_id)
