"""追加保证金 — the equity no longer covers the margin: add money or close, or be force-closed.

期货和衍生品法 art. 41: a broker must give notice to add margin or to close by oneself.
"""

from decimal import Decimal
from typing import ClassVar

from services.mot.domain.account import Balance
from services.mot.domain.crossing import RatioCrossing


class MarginCall(RatioCrossing):
    """风险度 = margin ÷ equity reaches ``line`` (1 = 100 %)."""

    message_type: ClassVar = "追加保证金"
    action: ClassVar = "请通知客户追加资金或减仓。"

    line: Decimal = Decimal(1)

    def summary(self, balance: Balance) -> str:
        """Return the ratio."""
        return f"风险度{self.told(balance)}，须追加保证金"
