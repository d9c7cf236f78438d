"""保证金占用 — the margin is a large part of the equity: little room is left."""

from decimal import Decimal
from typing import ClassVar

from services.mot.domain.account import Balance
from services.mot.domain.crossing import RatioCrossing
from shared.contracts.alerts import Urgency


class MarginUsage(RatioCrossing):
    """风险度 = margin ÷ equity reaches ``line`` (0.8 = 80 %)."""

    message_type: ClassVar = "保证金占用"
    action: ClassVar = "请提示客户控制仓位，预留资金。"

    urgency: Urgency = Urgency.MIDDLE
    line: Decimal = Decimal("0.8")

    def summary(self, balance: Balance) -> str:
        """Return the ratio."""
        return f"保证金占用达权益的{self.told(balance)}"
