"""各清单 — what each list shows of an account's rows, and in which order."""

from collections.abc import Mapping

from services.profile.adapters.listing import Listing

ORIGIN = (
    "CASE WHEN r.introducing_broker IS NOT NULL THEN 'introduced'"
    " WHEN r.manager_id IS NULL THEN 'company' ELSE 'direct' END"
)
"""居间开发, 公司客户, 直接开发."""

_FUNDS = (
    "x.account, x.trading_day, x.at, x.settled, x.equity, x.available, x.margin, x.exchange_margin,"
    " x.close_profit, x.position_profit, x.commission, x.deposit, x.withdrawal,"
    f" {ORIGIN} AS origin"
)
FUNDS: Mapping[str, Listing] = {
    by: Listing(
        "live_funds",
        _FUNDS,
        {by: type_, "account": "text"},
        {"origin": f"{ORIGIN} = :origin"},
        f"x.{by} IS NOT NULL",
    )
    for by, type_ in {
        "equity": "bigint",
        "available": "bigint",
        "margin": "bigint",
        "deposit": "bigint",
        "withdrawal": "bigint",
        "at": "timestamptz",
    }.items()
}
"""By what it is sorted → the list; who has no such figure is not in it."""

DAYS = Listing(
    "account_days",
    "x.account, x.trading_day, x.opening_equity, x.equity, x.available, x.margin, x.close_profit,"
    " x.position_profit, x.commission, x.deposit, x.withdrawal, x.traded_lots, x.position_lots",
    {"trading_day": "date", "account": "text"},
)
FLOWS = Listing(
    "flows",
    "x.account, x.trading_day, x.direction, x.amount, x.currency, x.happened_at, x.channel,"
    " x.serial, x.reverses, x.event_id,"
    " EXISTS (SELECT FROM flows back WHERE back.broker = x.broker AND back.account = x.account"
    " AND back.reverses = x.serial) AS reversed",
    {"trading_day": "date", "happened_at": "timestamptz", "account": "text", "event_id": "text"},
    {"direction": "x.direction = :direction"},
)
TRADES = Listing(
    "trades",
    "x.account, x.trading_day, x.exchange, x.instrument, x.trade_id, x.direction, x.open_close,"
    " x.hedge, x.lots, x.price, x.turnover, x.premium, x.executed_at, x.fee, x.profit_mtm,"
    " x.profit_tbt, x.settled",
    {
        "trading_day": "date",
        "executed_at": "timestamptz",
        "account": "text",
        "exchange": "text",
        "trade_id": "text",
        "direction": "text",
    },
    {"exchange": "x.exchange = :exchange", "instrument": "x.instrument = :instrument"},
    "NOT x.cancelled",
)
POSITIONS = Listing(
    "positions",
    "x.account, x.trading_day, x.at, x.settled, x.exchange, x.instrument, x.side, x.hedge, x.lots,"
    " x.today_lots, x.average_price, x.settlement_price, x.margin, x.profit_mtm, x.profit_tbt",
    {
        "account": "text",
        "exchange": "text",
        "instrument": "text",
        "side": "text",
        "hedge": "text",
    },
    {"exchange": "x.exchange = :exchange", "instrument": "x.instrument = :instrument"},
    "x.lots > 0",
)
PERMISSIONS = Listing(
    "permissions",
    "x.account, x.product_class, x.status, x.trading_day",
    {"trading_day": "date", "account": "text", "product_class": "text"},
    {"status": "x.status = :status", "product_class": "x.product_class = :product_class"},
    "x.until IS NULL",
)
"""What holds now; ``trading_day``: since when."""
FORCED = Listing(
    "forced_orders",
    "x.account, x.trading_day, x.order_id, x.exchange, x.instrument, x.direction, x.lots, x.filled,"
    " x.price, x.reason, x.status, x.at",
    {"at": "timestamptz", "order_id": "text"},
    {"status": "x.status = :status"},
)
