"""One trading day with its past and its epilogue, ready to be played, and what must come of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from deploy.synthetic.company import Company, File
from deploy.synthetic.golden import Golden, golden
from deploy.synthetic.murmur import murmur
from deploy.synthetic.script import Traded
from deploy.synthetic.stage import MORNING, Stage, clock
from deploy.synthetic.stream import Posting, acted
from deploy.synthetic.timeline import Dropping, Minute, by_minute
from shared.kernel.trading_day import TradingDay

REPLACED_AFTER = timedelta(minutes=30)
LAST_ALONE = 2  # the close before the reminder, and the reminder
LONG_STEP = timedelta(minutes=10)  # at least one tick more
UNTIL_MORNING = time(8, 40)  # quiet hours end at eight; a week's loss is told from half past


@dataclass(frozen=True)
class Play:
    """A stage with its company: one cast, and the quiet clients."""

    stage: Stage
    company: Company

    @classmethod
    def of(cls, stage: Stage, accounts: int, seed: int) -> Self:
        """Return the play of a day with so many accounts."""
        return cls(stage, Company.of((stage,), accounts, seed))

    @property
    def golden(self) -> tuple[Golden, ...]:
        return tuple(message for cast in self.company.casts for message in golden(cast))

    def minutes(self) -> Iterator[Minute]:
        """Return the whole play, minute by minute."""
        postings, droppings = self.postings(), self.droppings()
        last = max(*(p.at for p in postings), *(d.at for d in droppings))
        return by_minute(self._clock(last), postings, droppings, self.stage)

    def postings(self) -> list[Posting]:
        """Return the stream."""
        made = [posting for cast in self.company.casts for posting in acted(cast)]
        return [*made, *murmur(self.company.population, self.stage)]

    def droppings(self) -> list[Dropping]:
        """Return every file of the play: the directory, each close, and what comes again."""
        return [
            Dropping(self._begins, lambda: self.company.directory_files(self.stage.history[0])),
            *map(self._closing, heaps(self.stage)),
            late_files(self.stage, self.company),
            *self._baselines(),
            Dropping(self._morning, tuple, until_told=True),
        ]

    @property
    def _begins(self) -> datetime:
        """The moment of the directory files, hours before the first settlement."""
        return clock(self.stage.history[0], MORNING)

    @property
    def _morning(self) -> datetime:
        """The moment by which everything that was held back must have been told."""
        return clock(self.stage.next, UNTIL_MORNING)

    def _closing(self, days: Sequence[TradingDay]) -> Dropping:
        def files() -> tuple[File, ...]:
            return tuple(
                file
                for day in days
                for file in self.company.settlement_files(day, whole=day <= self.stage.day)
            )

        return Dropping(self.stage.settled_at(days[-1]), files)

    def _baselines(self) -> Iterator[Dropping]:
        for day in self.stage.epilogue:
            if any(day == self.stage.on(act.on) for act in self._trades()):
                at = self.stage.settled_at(day) - LONG_STEP
                yield Dropping(at, lambda day=day: (self.company.baselines_file(day),))  # type: ignore[misc]  # no lambda default

    def _trades(self) -> Iterator[Traded]:
        for cast in self.company.casts:
            for actor in cast.actors:
                yield from (act for act in actor.episode.acts if isinstance(act, Traded))

    def _clock(self, last: datetime) -> Iterator[datetime]:
        """Yield a tick at each event of the days before, then the clock of the day and on."""
        yield self._begins
        yield self.stage.settled_at(self.stage.history[-1])
        yield from self.stage.ticks(self.stage.curtain_up, last + LONG_STEP)


def heaps(stage: Stage) -> tuple[tuple[TradingDay, ...], ...]:
    """Return the days whose files arrive together: some come late, several days at once.

    The play's day, the next one, and those that decide about the reminder come alone.
    """
    alone, rest = stage.epilogue[:1], stage.epilogue[1:]
    late, last = rest[:-LAST_ALONE], rest[-LAST_ALONE:]
    heaped = (stage.history, (stage.day,), alone, late, *((day,) for day in last))
    return tuple(heap for heap in heaped if heap)


def late_files(stage: Stage, company: Company) -> Dropping:
    """Return what follows the day's files: their replacements, and agreements that were renewed."""
    return Dropping(
        stage.settled_at(stage.day) + REPLACED_AFTER,
        lambda: (
            *company.corrected_files(stage.day),
            company.agreements_file(stage.day),
        ),
    )
