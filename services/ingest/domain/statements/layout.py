"""版式 — the parts of a statement, and the columns of its tables by the names in their headers.

Newer layouts add columns (投资单元, 交易编码, 资金账号) and brokers move them: a column is found by
its Chinese name, never by its place. One that is not named here is not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Layout = Literal["mtm", "tbt"]
"""盯市 mark to market, 逐笔 trade for trade."""

SUMMARY = "资金状况"


@dataclass(frozen=True)
class Table:
    """One table: columns it must have, others it may have, and other names of them."""

    title: str
    required: frozenset[str]
    optional: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def column(self, header: str) -> str:
        """Return the column a header names, or nothing."""
        name = self.aliases.get(header, header)
        return name if name in self.required | self.optional else ""


_ALIASES = {"买卖": "买/卖", "投保": "投/保", "开/平": "开平"}

FUNDS = Table(
    "出入金明细",
    frozenset({"入金", "出金"}),
    frozenset({"发生日期", "出入金类型", "币种", "说明"}),
    {"日期": "发生日期", "类型": "出入金类型"},
)
TRADES = Table(
    "成交记录",
    frozenset({"交易所", "合约", "买/卖", "成交价", "手数", "开平", "成交序号"}),
    frozenset({"成交日期", "投/保", "成交额", "手续费", "平仓盈亏", "权利金收支"}),
    _ALIASES | {"成交编号": "成交序号"},
)
CLOSED = Table(
    "平仓明细",
    frozenset({"交易所", "合约", "买/卖", "手数", "开仓价", "成交价"}),
    frozenset({"平仓日期", "开仓日期", "投/保", "平仓盈亏", "成交序号", "原成交序号"}),
    _ALIASES | {"平仓价": "成交价"},
)
HELD = Table(
    "持仓明细",
    frozenset({"交易所", "合约", "买/卖", "持仓量", "开仓价"}),
    frozenset({"开仓日期", "投/保", "结算价", "浮动盈亏", "盯市盈亏", "保证金"}),
    _ALIASES
    | {"手数": "持仓量", "今结算": "结算价", "持仓盯市盈亏": "盯市盈亏", "保证金占用": "保证金"},
)
TOTALS = Table("持仓汇总", frozenset({"合约", "买持", "卖持"}), frozenset())
DELIVERED = Table(
    "交割明细",
    frozenset({"交易所", "合约", "买/卖", "手数", "交割价"}),
    frozenset({"交割日期", "交割货款", "手续费", "交割盈亏"}),
    _ALIASES
    | {
        "交割量": "手数",
        "交割手数": "手数",
        "交割结算价": "交割价",
        "结算价": "交割价",
        "交割金额": "交割货款",
        "交割手续费": "手续费",
        "平仓盈亏": "交割盈亏",
    },
)

TABLES = {table.title: table for table in (FUNDS, TRADES, CLOSED, HELD, TOTALS, DELIVERED)}
NOT_READ = frozenset({"行权明细", "质押明细", "移仓明细", "货币质押明细", "期权行权明细"})
"""Tables that end the one before them, and hold nothing we tell."""
