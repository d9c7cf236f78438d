"""One event of one account, before the rules: what is known, what was before, what they say."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shared.kernel.trading_day import Calendar, OutsideCoverage
from tests.kit.oracle.history import Client
from tests.kit.oracle.lines import Lines
from tests.kit.oracle.memory import Expected, Finding
from tests.kit.oracle.words import Before


@dataclass
class Case:
    """``data`` is the event's body; a silent case (history loaded later) says nothing."""

    client: Client
    data: Any
    before: Before
    lines: Lines
    calendar: Calendar
    silent: bool = False
    said: list[Expected] = field(default_factory=list)

    @property
    def day(self) -> date:
        day: date = self.data.trading_day
        return day

    def say(self, step: str, rule: str, episode: object, **more: Any) -> None:
        """Publish a finding as far as memory lets it; a day's episode is its ISO date."""
        if self.silent:
            return
        finding = Finding(step, rule, str(episode), **more)
        alert = self.client.memory.take(finding, self.client.key, self.day)
        self.said += [alert] if alert else []

    def settle(self, rule: str, holds: bool, **told: Any) -> None:
        """The settlement of the event's day has the last word on the alert of that day."""
        episode = self.day.isoformat()
        said = self.client.memory.of(rule, episode)
        if said is None or not said.standing:
            if holds:
                self.say("raised", rule, episode, **told)
        elif not holds:
            self.say("withdrawn", rule, episode)
        elif said.figure != told["figure"]:
            self.say("amended", rule, episode, **told)
        elif not said.final:
            self.say("confirmed", rule, episode, **told)

    def unjudged(self, rule: str) -> None:
        """A settlement that lacks the figure leaves the day's alert as it was told, for good."""
        episode = self.day.isoformat()
        said = self.client.memory.of(rule, episode)
        if said is not None and said.standing and not said.final:
            self.say("noted", rule, episode, level=said.level)

    def close(self, rule: str) -> None:
        """Take back what is provisional of days that are closed now: no settlement came for it."""
        for episode, said in self.client.memory.standing(rule):
            if not said.final and date.fromisoformat(episode) <= self.day:
                self.say("withdrawn", rule, episode)

    def distance(self, start: date, end: date) -> int:
        """Count trading days as far as the calendar knows them."""
        first, last = self.calendar.first, self.calendar.last
        return self.calendar.distance(max(start, first), min(end, last))

    def day_before(self, day: date) -> date:
        """Return the trading day before; before the calendar's first one, some earlier date."""
        try:
            return self.calendar.before(day)
        except OutsideCoverage:
            return day - timedelta(days=1)


def years_before(day: date, years: int) -> date:
    """Return the same date some years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
