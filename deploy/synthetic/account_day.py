"""一户一天 — one account's day as the broker's books have it: any paper is written from it."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from deploy.synthetic.book import Balance, Moved
from deploy.synthetic.company import Company
from deploy.synthetic.dealt import Charged, Dealings, Delivered, Held, Trade
from shared.kernel.trading_day import TradingDay


class AccountDay(NamedTuple):
    """An account's close, the money that it moved, and what it traded and holds."""

    day: TradingDay
    name: str
    balance: Balance
    moved: tuple[Moved, ...]
    dealings: Dealings

    @property
    def account(self) -> str:
        return self.balance.account


def account_days(company: Company, day: TradingDay, edition: int = 1) -> Iterator[AccountDay]:
    """Return everybody's day, as an edition of the books has it."""
    names = {client.account: client.customer_name for client in company.clients(day)}
    moved: dict[str, list[Moved]] = defaultdict(list)
    for one in company.movements(day, edition, whole=True):
        moved[one.account].append(one)
    dealt = {account: one for one in company.dealings(day, edition) for account in _whose(one)}
    for balance in company.balances(day, edition, whole=True):
        account = balance.account
        mine = tuple(moved.get(account, ()))
        yield AccountDay(day, names[account], balance, mine, dealt.get(account, Dealings()))


def _whose(dealings: Dealings) -> set[str]:
    """Return the account of somebody's dealings, or nothing where there are none."""
    kinds = (dealings.trades, dealings.held, dealings.delivered, dealings.charged)
    rows: Iterator[Trade | Held | Delivered | Charged] = chain(*kinds)
    return {row.account for row in rows}
