"""资金流 — an account's funds as the counter knows them now."""

from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.records import Account, Arrival
from shared.contracts.trading import AccountSnapshotted, Snapshot
from shared.kernel.trading_day import CHINA

YUAN = "CNY"


def snapshot(arrival: Arrival, record: Account, desk: Desk) -> AccountSnapshotted:
    """Return the account's state, on the front's trading day, at the moment it arrived.

    The struct has neither a day nor a time nor a number of its own. Other currencies are
    ``Unused``: the rules are in yuan.
    """
    if record.currency_id not in (YUAN, ""):
        raise Unused("currency")
    fact = desk.fact(arrival, record)
    at = arrival.at.astimezone(CHINA)
    data = Snapshot.model_validate(
        fact
        | {
            "equity": record.balance,
            "available": record.available,
            "margin": record.curr_margin,
            "exchange_margin": record.exchange_margin,
            "close_profit": record.close_profit,
            "position_profit": record.position_profit,
            "commission": record.commission,
            "deposit": record.deposit,
            "withdrawal": record.withdraw,
            "at": at,
        }
    )
    name = f"{fact['account']}/{at.isoformat()}"
    return AccountSnapshotted(**desk.head(arrival, fact, name), time=at, data=data)
