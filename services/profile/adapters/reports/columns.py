"""指标 — the figures that several reports share, in the order in which they are shown."""

from services.profile.domain.report import Column, Unit

PEOPLE = (
    Column("clients", "客户数", Unit.CLIENTS),
    Column("accounts", "账户数", Unit.ACCOUNTS),
    Column("new_accounts", "新开户", Unit.ACCOUNTS),
    Column("closed_accounts", "销户", Unit.ACCOUNTS),
)
MONEY = (
    Column("equity", "期末权益", Unit.YUAN),
    Column("average_equity", "日均权益", Unit.YUAN),
    Column("deposits", "入金", Unit.YUAN),
    Column("withdrawals", "出金", Unit.YUAN),
    Column("net_deposits", "净入金", Unit.YUAN),
    Column("lots", "成交手数", Unit.LOTS),
    Column("fees", "手续费", Unit.YUAN),
    Column("other_fees", "其他费用", Unit.YUAN),
    Column("profit", "净盈亏", Unit.YUAN),
    Column("yield", "收益率", Unit.SHARE),
)
RISK = (
    Column("at_risk", "风险度不低于100%的账户", Unit.ACCOUNTS),
    Column("overdrawn", "可用为负的账户", Unit.ACCOUNTS),
    Column("forced_orders", "强平单", Unit.TIMES),
    Column("alerts", "提醒", Unit.TIMES),
    Column("told", "已告知的提醒", Unit.TIMES),
    Column("handled", "已处理的提醒", Unit.TIMES),
)
RANK = Column("rank", "名次", Unit.TEXT)
RETAINED = "留存手续费要有上交交易所的部分，现在没有来源"
