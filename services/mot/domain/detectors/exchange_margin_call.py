"""交易所风险 — the equity does not even cover the exchange's margin: liquidation is next."""

from decimal import Decimal
from typing import ClassVar

from services.mot.domain.account import Balance
from services.mot.domain.crossing import RatioCrossing


class ExchangeMarginCall(RatioCrossing):
    """交易所风险度 = the exchange's margin ÷ equity reaches ``line`` (1 = 100 %)."""

    message_type: ClassVar = "交易所风险"
    action: ClassVar = "请立即联系客户，告知将被强平。"
    ratio: ClassVar = "交易所风险度"

    line: Decimal = Decimal(1)

    def margin(self, balance: Balance) -> int | None:
        """Return the exchange's margin, in 厘."""
        return balance.exchange_margin

    def summary(self, balance: Balance) -> str:
        """Return the ratio."""
        return f"{self.ratio}{self.told(balance)}，可能被强平"
