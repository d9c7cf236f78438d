"""连演 — day after day of the calendar, each with a cast of its own among the same quiet clients.

Every figure and identity follows from seed, accounts and day, so what was under way when the broker
was stopped is simply said again: the same events, which are known, and then the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec

from deploy.synthetic.company import Company
from deploy.synthetic.murmur import murmur
from deploy.synthetic.play import late_files
from deploy.synthetic.script import Traded
from deploy.synthetic.stage import MINUTE, MORNING, Stage, Unplayable, clock
from deploy.synthetic.stream import Posting, acted
from deploy.synthetic.timeline import Dropping, Minute, by_minute
from shared.kernel.trading_day import Calendar, OutsideCoverage, TradingDay

SETTLES = time(17, 30)  # before the next night session, so that its openings are known
_AHEAD, _BEHIND = 5, 12  # trading days that a cast is on the books before and after its own


class Place(msgspec.Struct, frozen=True):
    """How far a season has come: the trading day, and the last minute of it that was played."""

    began: date
    day: date
    at: datetime | None
    seed: int
    accounts: int


class AnotherSeason(ValueError):
    """The state belongs to a season with another seed or number of accounts."""


@dataclass
class Bookmark:
    """The place, on disk; each new one replaces the last one whole."""

    folder: Path

    @property
    def _file(self) -> Path:
        return self.folder / "season.json"

    def read(self, fresh: Place) -> Place:
        """Return the place that was kept, else ``fresh``; raises ``AnotherSeason``."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=Place)
        except FileNotFoundError:
            return fresh
        except msgspec.DecodeError as why:
            raise AnotherSeason(f"{self._file} cannot be read: {why}") from None
        if (kept.seed, kept.accounts) != (fresh.seed, fresh.accounts):
            raise AnotherSeason(
                f"{self._file} is of seed {kept.seed} with {kept.accounts} accounts: "
                "go on with these, or remove it together with the stores"
            )
        return kept

    def write(self, place: Place) -> None:
        """Keep the place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".part")
        draft.write_bytes(msgspec.json.encode(place))
        draft.replace(self._file)


@dataclass(frozen=True)
class Season:
    """Days in a row, from ``began``."""

    calendar: Calendar
    began: date
    accounts: int
    seed: int

    def stage(self, day: date) -> Stage:
        """Return the stage of a trading day; raises ``Unplayable`` where the calendar ends."""
        return Stage(TradingDay(day), self.calendar, SETTLES)

    def minutes(self, day: date, after: datetime | None = None) -> Iterator[Minute]:
        """Return a day's minutes from its evening to the next one's; those ``after`` a moment."""
        stage = self.stage(day)
        company = self._company(stage)
        begin, end = stage.curtain_up, stage.curtain_down - MINUTE
        postings = [p for p in self._postings(stage, company) if begin <= p.at <= end]
        ticks = [*self._prologue_ticks(stage), *stage.ticks(begin, end)]
        droppings = [*self._prologue(stage, company), *self._files(stage, company)]
        played = by_minute(ticks, postings, droppings, stage)
        return (minute for minute in played if after is None or minute.at > after)

    def _company(self, stage: Stage) -> Company:
        """Return the broker with every cast on the books of that day; its own comes first."""
        return Company.of((stage, *self._on_the_books(stage)), self.accounts, self.seed)

    def _on_the_books(self, stage: Stage) -> Iterator[Stage]:
        for distance in (*range(-_BEHIND, 0), *range(1, _AHEAD + 1)):
            try:
                other = self.stage(stage.on(distance))
            except (OutsideCoverage, Unplayable):
                continue
            if other.day >= self.began and stage.day in (*other.closings, other.next):
                yield other

    def _postings(self, stage: Stage, company: Company) -> Iterator[Posting]:
        for cast in company.casts:
            yield from acted(cast)
        yield from murmur(company.population, stage)

    def _prologue_ticks(self, stage: Stage) -> Iterator[datetime]:
        if stage.day == self.began:
            yield clock(stage.history[0], MORNING)
            yield from (stage.settled_at(day) for day in stage.history)

    def _prologue(self, stage: Stage, company: Company) -> Iterator[Dropping]:
        """Yield the directory of the day, and before the first day its history."""
        begin = stage.curtain_up
        if stage.day != self.began:
            yield Dropping(begin, lambda: company.directory_files(stage.history[-1]))
            return
        morning = clock(stage.history[0], MORNING)
        yield Dropping(morning, lambda: company.directory_files(stage.history[0]))
        for day in stage.history:
            yield Dropping(
                stage.settled_at(day),
                lambda day=day: company.settlement_files(day),  # type: ignore[misc]  # its default
            )

    def _files(self, stage: Stage, company: Company) -> Iterator[Dropping]:
        settled = stage.settled_at(stage.day)
        yield Dropping(settled, lambda: company.settlement_files(stage.day))
        yield late_files(stage, company)
        trades = (
            act
            for cast in company.casts
            for actor in cast.actors
            for act in actor.episode.acts
            if isinstance(act, Traded) and cast.stage.on(act.on) == stage.day
        )
        if any(trades):
            at = settled - timedelta(minutes=10)
            yield Dropping(at, lambda: (company.baselines_file(stage.day),))
