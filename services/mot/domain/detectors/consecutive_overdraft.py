"""连续透支 — available below zero on consecutive trading days.

A settled day counts when its settled available is negative, a day not yet settled while its last
snapshot is; a day at zero or above ends the run. Days that are no trading days neither count nor
break it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import ClassVar

from pydantic import PositiveInt

from services.mot.domain.account import Account, Spoken
from services.mot.domain.detector import (
    UNVERIFIED,
    Condition,
    Detector,
    Finding,
    Step,
    newest_day,
)
from services.mot.domain.events import AccountSettled, AccountSnapshotted, DayClosed
from services.mot.domain.runs import Run, negative_days, run_to, runs
from shared.kernel.money import Amount, from_li, full, short, to_li
from shared.kernel.trading_day import Calendar

Heard = AccountSettled | AccountSnapshotted | DayClosed


class ConsecutiveOverdraft(Detector[Heard]):
    """Raised on the first day with run ≥ ``days`` and sum ≥ ``total`` (元); then once a day.

    Intraday it is provisional: the settlement confirms, amends or withdraws it. A correction of
    any day, even of a run that has ended, may take back what was said or say what was missed.
    """

    message_type: ClassVar = "连续透支"
    action: ClassVar = "请通知客户追加资金或减仓。"
    action_after: ClassVar = "请继续关注客户资金。"
    listens_to: ClassVar = (AccountSettled, AccountSnapshotted, DayClosed)

    days: PositiveInt = 2
    total: Amount = Decimal(100_000)

    def detect(
        self, event: Heard, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """A snapshot can only add to a run; a settlement decides."""
        day = event.data.trading_day
        if isinstance(event, AccountSnapshotted):
            return () if after.days is before.days else self._seen(day, after, calendar)
        if isinstance(event, DayClosed):
            return self._closed(day, before, after, calendar) if after.spoken else ()
        if not negative_days(before) and not after.overdrafts:
            return ()
        return self._settled(day, before, after, calendar)

    def why(self, account: Account, calendar: Calendar) -> Iterable[Condition]:
        """The run that ends on the newest day."""
        day = newest_day(account)
        run = run_to(account, day, calendar) if day else None
        days, total = (run.days, run.total) if run else (0, 0)
        yield Condition("连续透支天数", f"{days}天", f"{self.days}天", days >= self.days)
        enough = total >= self._least
        yield Condition("累计透支", short(from_li(total)), short(self.total), enough)

    def reached(self, run: Run | None) -> bool:
        """Say whether the run is long and deep enough."""
        return run is not None and run.days >= self.days and run.total >= self._least

    @cached_property
    def _least(self) -> int:
        return to_li(self.total)

    def _seen(self, day: date, after: Account, calendar: Calendar) -> Iterable[Finding]:
        run = run_to(after, day, calendar)
        if run is None or not self.reached(run):
            return
        said = after.said(self.rule, f"{run.first}")
        if said is None or not said.stands or said.level < run.days:
            yield self._finding(Step.UPDATED, run, after)

    def _settled(
        self, day: date, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        was, now = runs(before, calendar), runs(after, calendar)
        told = {run.first: run for run in _told(was, after.standing(self.rule), calendar)}
        for run in told.values():
            if run.touched_by(day, calendar) and not self.reached(now.get(run.first)):
                yield self._finding(Step.WITHDRAWN, run, after)
        for first, run in now.items():
            last = max(run.last, told.get(first, run).last)
            if self.reached(run) and (was.get(first) != run or first <= day <= last):
                step = _step(run, after.said(self.rule, f"{first}"), after)
                if step is not None:
                    yield self._finding(step, run, after)

    def _closed(
        self, day: date, before: Account, after: Account, calendar: Calendar
    ) -> Iterable[Finding]:
        """The account is in none of the day's files: only what was settled before is left."""
        was, now = runs(before, calendar), runs(after, calendar)
        standing = after.standing(self.rule)
        for told in _told(was, standing, calendar):
            said, run = standing[f"{told.first}"], now.get(told.first)
            if said.settled or told.last > day:
                continue
            step = _step(run, said, after) if run is not None and self.reached(run) else None
            if run is not None and step is not None:
                yield self._finding(step, run, after)
            else:
                yield Finding(Step.WITHDRAWN, f"{told.first}", UNVERIFIED, level=0)

    def _finding(self, step: Step, run: Run, after: Account) -> Finding:
        total = short(from_li(run.total))
        last = negative_days(after).get(run.last)
        facts = {
            "累计透支": total,
            "连续天数": f"{run.days}天",
            "当日可用": "不为负" if last is None else full(from_li(last)),
            "限额": short(self.total),
        }
        counted = f"连续{run.days}个交易日可用资金为负，累计透支{total}"
        words = {
            Step.CONFIRMED: f"结算确认：{counted}",
            Step.AMENDED: f"结算更正：{counted}",
            Step.WITHDRAWN: "按结算不再连续透支",
        }
        level = 0 if step is Step.WITHDRAWN else run.days
        provisional = after.unsettled(run.last) and step is not Step.WITHDRAWN
        return Finding(
            step, f"{run.first}", words.get(step, counted), facts, level, provisional, run.total
        )


def _told(
    was: Mapping[date, Run], standing: Mapping[str, Spoken], calendar: Calendar
) -> Iterator[Run]:
    """Return the runs that stand as told, oldest first; as known, or as told when that is longer.

    An intraday run may have shrunk since it was told: no snapshot takes it back, the day's
    settlement does.
    """
    for episode, said in sorted(standing.items()):
        first = date.fromisoformat(episode)
        last = calendar.after(first, said.level - 1) if said.level > 1 else first
        told = Run(first, last, said.level, said.figure)
        known = was.get(first, told)
        yield known if known.last >= told.last else told


def _step(run: Run, said: Spoken | None, after: Account) -> Step | None:
    """Return what the settlement makes of a run that is reached."""
    if said is None or not said.stands:
        return Step.RAISED
    if run.days > said.level:
        return Step.UPDATED
    if after.unsettled(run.last):
        return None
    if (run.days, run.total) != (said.level, said.figure):
        return Step.AMENDED
    return None if said.settled else Step.CONFIRMED
