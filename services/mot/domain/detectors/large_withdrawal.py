"""大额出金 — a large part of a client's money leaves within one trading day."""

from typing import ClassVar

from services.mot.domain.account import Day
from services.mot.domain.events import AccountSettled, DayClosed, FundsReversed, FundsWithdrawn
from services.mot.domain.movement import LargeMovement


class LargeWithdrawal(LargeMovement[FundsWithdrawn | FundsReversed | AccountSettled | DayClosed]):
    """Once per account and trading day; each further multiple of the line is an update.

    ``limit`` and ``floor`` in 元, ``share`` of the day's opening equity (0.5 = 50 %).
    """

    verb: ClassVar = "出金"
    message_type: ClassVar = "大额出金"
    action: ClassVar = "请联系客户，了解原因并挽留。"
    listens_to: ClassVar = (FundsWithdrawn, FundsReversed, AccountSettled, DayClosed)

    @staticmethod
    def sum_of(flows: Day) -> int:
        """Return 出金 less reversals, in 厘."""
        return flows.withdrawn
