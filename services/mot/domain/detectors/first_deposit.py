"""首次入金 — a new client's first money: the manager calls to say welcome (电话回访)."""

from collections.abc import Iterable
from typing import ClassVar

from services.mot.domain.account import FUNDED_BEFORE, Account
from services.mot.domain.detector import Condition, Detector, Finding, Step
from services.mot.domain.events import FundsDeposited, FundsReversed
from shared.contracts.alerts import Module, Urgency
from shared.kernel.money import from_li, full
from shared.kernel.trading_day import Calendar

_FIRST = "first"


class FirstDeposit(Detector[FundsDeposited | FundsReversed]):
    """The first deposit of an account whose opening is known and that never had money; once."""

    message_type: ClassVar = "首次入金"
    module: ClassVar = Module.REMINDER
    action: ClassVar = "请电话回访，指导客户开始交易。"
    listens_to: ClassVar = (FundsDeposited, FundsReversed)

    urgency: Urgency = Urgency.MIDDLE

    def detect(
        self,
        event: FundsDeposited | FundsReversed,
        before: Account,
        after: Account,
        calendar: Calendar,
    ) -> Iterable[Finding]:
        """Speak when the account becomes funded by a deposit, or is no longer."""
        if before.funded_on == after.funded_on or after.opened_on is None:
            return ()
        amount = full(from_li(event.data.amount))
        if after.funded_on is None:
            return (Finding(Step.WITHDRAWN, _FIRST, f"首次入金{amount}已冲正", level=0),)
        facts = {"入金": amount, "开户日": after.opened_on.isoformat()}
        return (Finding(Step.RAISED, _FIRST, f"客户首次入金{amount}", facts),)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """Whether the opening is known, and whether the first money was a deposit that was seen."""
        opened, funded = account.opened_on, account.funded_on
        yield Condition("开户日", f"{opened or '未知'}", "已知", True if opened else None)
        seen = funded is not None and funded != FUNDED_BEFORE
        figure = "还没有入金" if funded is None else f"{funded}" if seen else "此前已有过资金"
        yield Condition("首次入金", figure, "一笔入金", seen)
