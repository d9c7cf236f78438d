"""What an operator would write of the broker's tables: one profile each, and the pulls of SQL."""

FLOW_FILE = """
name: flow-of-day
title: 资金流水
takes: funds-of-day
file: {name: "资金流水_{day}.csv", encoding: gb18030}
columns:
  account: 资金账号
  trading_day: 交易日
  happened_at: 发生日期
  deposit: 入金
  withdrawal: 出金
  currency: {column: 币种, values: {人民币: CNY}}
  channel: 摘要
"""
FILLS_FILE = """
name: fills-of-day
title: 成交明细
takes: trades-of-day
file: {name: "成交明细_{day}.csv"}
columns:
  account: 资金账号
  trading_day: 交易日
  exchange: 交易所
  instrument: 合约
  trade_id: 成交编号
  direction: 买卖
  offset: 开平
  lots: 手数
  price: 成交价
  executed_at: 成交时间
  fee: 手续费
  profit_mtm: 盯市盈亏
  profit_tbt: 对冲盈亏
"""
POSITIONS_FILE = """
name: holdings-of-day
title: 持仓明细
takes: positions-of-day
file: {name: "持仓明细_{day}.xlsx", sheet: 持仓明细, header_row: 3}
columns:
  account: 资金账号
  trading_day: 交易日
  exchange: 交易所
  instrument: 合约
  side: 买卖
  lots: 手数
  average_price: 开仓均价
  settlement_price: 结算价
  margin: 保证金
  profit_mtm: 盯市盈亏
  profit_tbt: 浮动盈亏
"""
BALANCES_FILE = """
name: balances-of-day
title: 资金对账表
takes: balances
file: {name: "资金对账表_{day}.xlsx", sheet: 资金对账表, header_row: 3}
columns:
  account: 资金账号
  trading_day: 交易日
  opening_equity: 期初权益
  equity: 期末权益
  available: 可用资金
  margin: 保证金
  commission: 手续费
  traded_lots: 成交手数
  position_lots: 持仓手数
"""
FILES = (FLOW_FILE, FILLS_FILE, POSITIONS_FILE, BALANCES_FILE)

FLOW_TABLE = """
name: flow-table
takes: funds
columns:
  account: 资金账号
  trading_day: 交易日
  serial: 流水号
  happened_at: 发生日期
  deposit: 入金
  withdrawal: 出金
  currency: {column: 币种, values: {人民币: CNY}}
  channel: 摘要
"""
FILLS_TABLE = """
name: fills-table
takes: trades
columns:
  account: 资金账号
  trading_day: 交易日
  exchange: 交易所
  instrument: 合约
  trade_id: 成交编号
  direction: 买卖
  offset: 开平
  lots: 手数
  price: 成交价
  executed_at: 成交时间
  fee: 手续费
  profit_mtm: 盯市盈亏
  profit_tbt: 对冲盈亏
"""
BALANCES_TABLE = """
name: balances-table
takes: balances
columns:
  account: 资金账号
  trading_day: 交易日
  opening_equity: 期初权益
  equity: 期末权益
  available: 可用资金
  margin: 保证金
  commission: 手续费
  traded_lots: 成交手数
  position_lots: 持仓手数
"""
TABLES = (FLOW_TABLE, FILLS_TABLE, BALANCES_TABLE)
PULLS = {"资金流水": "flow", "成交明细": "fills", "资金对账表": "balances"}
BALANCES = "资金对账表"
