"""结算单的表 — the tables of a settlement statement and their columns, as brokers print them."""

from deploy.synthetic.statement import Column

DATE = Column("发生日期", "Date", 8)
FUNDS = (
    DATE,
    Column("出入金类型", "Type", 24),
    Column("入金", "Deposit", 16),
    Column("出金", "Withdrawal", 16),
    Column("说明", "Note", 20),
)
DEALT = (
    Column("交易所", "Exchange", 8),
    Column("品种", "Product", 18),
    Column("合约", "Instrument", 16),
)
SIDES = (Column("买/卖", "B/S", 5), Column("投/保", "S/H", 12))
TRADES = (
    Column("成交日期", "Date", 8),
    *DEALT,
    *SIDES,
    Column("成交价", "Price", 10),
    Column("手数", "Lots", 6),
    Column("成交额", "Turnover", 16),
    Column("开平", "O/C", 16),
    Column("手续费", "Fee", 10),
    Column("平仓盈亏", "Realized P/L", 12),
    Column("权利金收支", "Premium Received/Paid", 21),
    Column("成交序号", "Trans.No.", 12),
)
CLOSED = (
    Column("平仓日期", "Close Date", 10),
    *DEALT,
    Column("开仓日期", "Open Date", 10),
    *SIDES,
    Column("手数", "Lots", 6),
    Column("开仓价", "Pos. Open Price", 15),
    Column("昨结算", "Prev. Sttl", 10),
    Column("成交价", "Trans. Price", 12),
    Column("平仓盈亏", "Realized P/L", 12),
    Column("权利金收支", "Premium Received/Paid", 21),
)
HELD = (
    *DEALT,
    Column("开仓日期", "Open Date", 10),
    *SIDES,
    Column("持仓量", "Positon", 8),
    Column("开仓价", "Pos. Open Price", 15),
    Column("昨结算", "Prev. Sttl", 10),
    Column("结算价", "Settlement Price", 16),
    Column("浮动盈亏", "Accum. P/L", 12),
    Column("盯市盈亏", "MTM P/L", 12),
    Column("保证金", "Margin", 12),
    Column("期权市值", "Market Value(Options)", 21),
)
TOTALS = (
    *DEALT[1:],
    Column("买持", "Long Pos.", 10),
    Column("买均价", "Avg Buy Price", 14),
    Column("卖持", "Short Pos.", 10),
    Column("卖均价", "Avg Sell Price", 14),
    Column("昨结算", "Prev. Sttl", 10),
    Column("今结算", "Sttl Today", 10),
    Column("持仓盯市盈亏", "MTM P/L", 12),
    Column("保证金占用", "Margin Occupied", 15),
    Column("投/保", "S/H", 12),
)
DELIVERED = (
    Column("交割日期", "Delivery Date", 13),
    *DEALT,
    Column("买/卖", "B/S", 5),
    Column("交割手数", "Lots", 8),
    Column("交割价", "Price", 10),
    Column("交割货款", "Amount", 14),
    Column("手续费", "Fee", 10),
)
TITLES = {
    "出入金明细 Deposit/Withdrawal": FUNDS,
    "成交记录 Transaction Record": TRADES,
    "平仓明细 Position Closed": CLOSED,
    "持仓明细 Positions Detail": HELD,
    "持仓汇总 Positions": TOTALS,
    "交割明细 Delivery": DELIVERED,
}
