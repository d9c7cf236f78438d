"""穿仓 — nothing is left of the client's money and positions are still open."""

from collections.abc import Iterable
from typing import ClassVar

from services.mot.domain.account import Account, Balance
from services.mot.domain.crossing import Crossing
from services.mot.domain.detector import Condition
from shared.kernel.money import from_li, full
from shared.kernel.trading_day import Calendar


class NegativeEquity(Crossing):
    """Equity at or below zero with margin in use; no threshold."""

    message_type: ClassVar = "穿仓"
    action: ClassVar = "请立即联系客户补足资金，并报风控。"

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Nothing left, and positions open."""
        balance = account.balance
        if balance is None:
            yield Condition("权益", "未知", "≤ 0", None)
            return
        margin = balance.margin or 0
        yield Condition("权益", full(from_li(balance.equity)), "≤ 0", balance.equity <= 0)
        yield Condition("保证金", full(from_li(margin)), "> 0", margin > 0)

    def holds(self, balance: Balance) -> bool:
        """Equity ≤ 0 and margin > 0."""
        return balance.equity <= 0 and (balance.margin or 0) > 0

    def lapsed(self, balance: Balance) -> bool:
        """There is equity again."""
        return balance.equity > 0

    def figure(self, balance: Balance) -> int:
        """Return the equity in 厘."""
        return balance.equity

    def summary(self, balance: Balance) -> str:
        """Return the equity."""
        return f"权益{full(from_li(balance.equity))}，已穿仓"

    def over(self, balance: Balance) -> str:
        """Return the equity."""
        return f"按结算权益{full(from_li(balance.equity))}，已不再触及"
