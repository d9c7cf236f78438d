"""行话 — how brokers write exchanges, directions, offsets and hedges, in words and in flags."""

from collections.abc import Mapping
from typing import TypeVar

from services.ingest.domain.rows import BadRow
from shared.contracts.dealings import Direction, Exchange, Hedge, Offset, Side

W = TypeVar("W")

_NAMES: dict[Exchange, str] = {
    Exchange.SHFE: "SHFE S 上期所 上海期货交易所 上海 上期",
    Exchange.CZCE: "CZCE Z 郑商所 郑州商品交易所 郑州 郑商",
    Exchange.DCE: "DCE D 大商所 大连商品交易所 大连 大商",
    Exchange.CFFEX: "CFFEX J 中金所 中国金融期货交易所 中金",
    Exchange.INE: "INE N 能源中心 上期能源 上能源 上海国际能源交易中心 能源",
    Exchange.GFEX: "GFEX G 广期所 广州期货交易所 广州 广期",
}
EXCHANGES = {name: exchange for exchange, names in _NAMES.items() for name in names.split()}
_WAYS: dict[Direction, str] = {"buy": "买 买入 B buy 多", "sell": "卖 卖出 S sell 空"}
DIRECTIONS = {name: way for way, names in _WAYS.items() for name in names.split()}
SIDES: Mapping[str, Side] = {
    name: "long" if way == "buy" else "short" for name, way in DIRECTIONS.items()
}
_OFFSETS: dict[Offset, str] = {
    Offset.OPEN: "开 开仓 O open",
    Offset.CLOSE: "平 平仓 L C close",
    Offset.CLOSE_TODAY: "平今 平今仓 close-today",
    Offset.CLOSE_YESTERDAY: "平昨 平昨仓 平老 close-yesterday",
    Offset.FORCE_CLOSE: "强平 force-close",
    Offset.FORCE_OFF: "强减 force-off",
}
OFFSETS = {name: offset for offset, names in _OFFSETS.items() for name in names.split()}
_HEDGES: dict[Hedge, str] = {
    "speculation": "投 投机 S speculation",
    "arbitrage": "套 套利 A arbitrage",
    "hedge": "保 套保 套期保值 H hedge",
    "market-making": "做市 做市商 M market-making",
}
HEDGES = {name: hedge for hedge, names in _HEDGES.items() for name in names.split()}


def word(table: Mapping[str, W], text: str, place: str) -> W:
    """Return what a word of the trade means; raises ``BadRow``."""
    try:
        return table[text]
    except KeyError:
        raise BadRow(place, f"not known: {text[:20]!r}" if text else "missing") from None
