"""升级政策 — after how many minutes without an answer who else hears: data, in ``policy.yaml``."""

from datetime import datetime, time
from itertools import pairwise
from typing import Literal, Self

from pydantic import PositiveInt, model_validator

from services.notify.domain.part import Part
from shared.contracts.event import Code
from shared.kernel.trading_day import CHINA

Relation = Literal["manager", "team_lead", "branch_head", "risk", "on_call"]
CalendarName = Literal["awake", "duty", "trading"]
ClimbsAgain = Literal["updated", "more_urgent", "never"]
"""Whether an answered alert climbs again: at any told update, at a more urgent one, or never."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Rung(Part):
    """一级 — after so many counted minutes since the alert was told, these people hear it too."""

    after: PositiveInt
    to: Relation


class Ladder(Part):
    """升级阶梯 of one urgency. A minute counts while all calendars of ``counts`` apply; none: always.

    ``awake``: outside 免打扰, as far as the urgency keeps to it; ``duty``: 员工在岗时间; ``trading``:
    交易时段.
    """  # noqa: E501

    counts: frozenset[CalendarName] = frozenset()
    steps: tuple[Rung, ...]

    @model_validator(mode="after")
    def _each_later_than_the_one_before(self) -> Self:
        if any(later.after <= earlier.after for earlier, later in pairwise(self.steps)):
            raise ValueError("each step must come later than the one before")
        return self


class DutyHours(Part):
    """员工在岗时间 — on trading days from ``begin`` (included) to ``end`` (excluded)."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _in_one_day(self) -> Self:
        if self.end <= self.begin:
            raise ValueError("duty_hours must end after they begin, on the same day")
        return self


class Shift(Part):
    """班次 — who is on call, week by week. One that ends before it begins ends the next day."""

    days: frozenset[Weekday]
    begin: time
    end: time
    staff: Code

    def covers(self, moment: datetime) -> bool:
        """Say whether the shift is running."""
        local = moment.astimezone(CHINA)
        at, today, before = local.time(), WEEK[local.weekday()], WEEK[local.weekday() - 1]
        if self.begin < self.end:
            return today in self.days and self.begin <= at < self.end
        return (today in self.days and at >= self.begin) or (before in self.days and at < self.end)
