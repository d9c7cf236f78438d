"""大额入金 — much new money arrives within one trading day: a moment to serve the client."""

from typing import ClassVar

from services.mot.domain.account import Day
from services.mot.domain.events import AccountSettled, DayClosed, FundsDeposited, FundsReversed
from services.mot.domain.movement import LargeMovement
from shared.contracts.alerts import Urgency


class LargeDeposit(LargeMovement[FundsDeposited | FundsReversed | AccountSettled | DayClosed]):
    """Once per account and trading day; each further multiple of the line is an update.

    ``limit`` and ``floor`` in 元, ``share`` of the day's opening equity (0.5 = 50 %).
    """

    verb: ClassVar = "入金"
    message_type: ClassVar = "大额入金"
    action: ClassVar = "请联系客户，了解交易计划。"
    listens_to: ClassVar = (FundsDeposited, FundsReversed, AccountSettled, DayClosed)

    urgency: Urgency = Urgency.MIDDLE

    @staticmethod
    def sum_of(flows: Day) -> int:
        """Return 入金 less reversals, in 厘."""
        return flows.deposited
