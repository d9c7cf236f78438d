"""连续透支 — settled available below zero on consecutive trading days.

A day counts when its settled available is negative; a day at zero or above ends the run. Days that
are no trading days neither count nor break it.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import ClassVar, NamedTuple

from pydantic import PositiveInt

from services.mot.domain.account import Account
from services.mot.domain.detector import Detector, Finding, Step
from services.mot.domain.events import AccountSettled
from shared.kernel.money import Amount, from_li, full, short, to_li
from shared.kernel.trading_day import Calendar


class Run(NamedTuple):
    """The unbroken run that ends at the last settled day: its first day, length, and sum in 厘."""

    first: date | None
    days: int
    total: int


class ConsecutiveOverdraft(Detector[AccountSettled]):
    """Raised on the first day with run ≥ ``days`` and sum ≥ ``total`` (元); then once a day."""

    message_type: ClassVar = "连续透支"
    action: ClassVar = "请通知客户追加资金或减仓。"
    listens_to: ClassVar = (AccountSettled,)

    days: PositiveInt = 2
    total: Amount = Decimal(100_000)

    def detect(
        self, event: AccountSettled, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """Compare the runs; a correction may take back what was said."""
        was, now = run(before, calendar), run(after, calendar)
        if self._reached(now) and now != was:
            step = Step.UPDATED if self._reached(was) and was.first == now.first else Step.RAISED
            yield self._finding(step, now, after)
        corrected = before.settled is not None and event.data.trading_day <= before.settled
        if corrected and self._reached(was) and (not self._reached(now) or now.first != was.first):
            yield self._finding(Step.WITHDRAWN, was, after)

    def _reached(self, found: Run) -> bool:
        return found.days >= self.days and found.total >= to_li(self.total)

    def _finding(self, step: Step, found: Run, after: Account) -> Finding:
        total, last = short(from_li(found.total)), after.settled
        available = after.overdrafts.get(last) if last else None
        facts = {
            "累计透支": total,
            "连续天数": f"{found.days}天",
            "当日可用": "不为负" if available is None else full(from_li(available)),
            "限额": short(self.total),
        }
        summary = f"连续{found.days}个交易日可用资金为负，累计透支{total}"
        if step is Step.WITHDRAWN:
            summary = "结算更正后不再连续透支"
        level = 0 if step is Step.WITHDRAWN else found.days
        return Finding(step, f"{found.first}", summary, facts, level)


def run(account: Account, calendar: Calendar) -> Run:
    """Walk back from the last settled day over days with negative available."""
    day, first, days, total = account.settled, None, 0, 0
    while day is not None and day in account.overdrafts:
        first, days, total = day, days + 1, total - account.overdrafts[day]
        day = calendar.before(day) if day > calendar.days[0] else None
    return Run(first, days, total)
