"""连续透支 — unbroken runs of trading days with available below zero, settled or not."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from services.mot.domain.account import Account
from shared.kernel.trading_day import Calendar


class Run(NamedTuple):
    """One unbroken run: its first and last day, its length, and the sum of −available in 厘."""

    first: date
    last: date
    days: int
    total: int

    def touched_by(self, day: date, calendar: Calendar) -> bool:
        """Say whether a change of that day may change this run."""
        return calendar.before(self.first) <= day <= self.last


def negative_days(account: Account) -> dict[date, int]:
    """Return day → available in 厘: as settled, or for unsettled days as last seen."""
    seen = {
        day: flows.available
        for day, flows in account.days.items()
        if flows.available is not None and flows.available < 0 and account.unsettled(day)
    }
    return {**account.overdrafts, **seen} if seen else account.overdrafts


def runs(account: Account, calendar: Calendar) -> dict[date, Run]:
    """Return every run by its first day; days that are no trading days neither count nor break."""
    return {run.first: run for run in _runs(negative_days(account), calendar)}


def run_to(account: Account, day: date, calendar: Calendar) -> Run | None:
    """Return the run that ends on ``day``; None when that day is not negative."""
    negative, first = negative_days(account), day
    if day not in negative:
        return None
    days, total = 0, 0
    while first in negative:
        days, total = days + 1, total - negative[first]
        known, first = first, calendar.before(first)
    return Run(known, day, days, total)


def _runs(negative: dict[date, int], calendar: Calendar) -> Iterator[Run]:
    run: Run | None = None
    for day in sorted(negative):
        if run is not None and calendar.after(run.last) == day:
            run = Run(run.first, day, run.days + 1, run.total - negative[day])
            continue
        if run is not None:
            yield run
        run = Run(day, day, 1, -negative[day])
    if run is not None:
        yield run
