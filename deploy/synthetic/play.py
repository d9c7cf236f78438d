"""One trading day with its past and its epilogue, ready to be played, and what must come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Self

from deploy.synthetic.company import Company
from deploy.synthetic.golden import Golden, golden
from deploy.synthetic.script import Traded
from deploy.synthetic.stage import MORNING, Stage, clock
from deploy.synthetic.stream import Posting, acted, murmur
from deploy.synthetic.timeline import MINUTE, Dropping, Minute, by_minute, every
from shared.kernel.trading_day import TradingDay

REPLACED_AFTER, REPEATED_AFTER = timedelta(minutes=30), timedelta(minutes=35)
LONG_STEP = timedelta(minutes=10)  # between ticks when nothing is live for days
UNTIL_MORNING = time(8, 5)  # quiet hours end at eight


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
            *map(self._closing, self.stage.closings),
            *late_files(self.stage, self.company),
            *self._baselines(),
        ]

    @property
    def _begins(self) -> datetime:
        """The moment of the directory files, hours before the first settlement."""
        return clock(self.stage.history[0], MORNING)

    def _closing(self, day: TradingDay) -> Dropping:
        whole = day <= self.stage.day
        return Dropping(
            self.stage.settled_at(day), lambda: self.company.settlement_files(day, whole=whole)
        )

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
        """Yield a tick at each event of the days before, then every minute, then fewer."""
        yield self._begins
        yield from (self.stage.settled_at(day) for day in self.stage.history)
        morning = clock(self.stage.day + timedelta(days=1), UNTIL_MORNING)
        yield from every(MINUTE, self.stage.curtain_up, morning)
        yield from every(LONG_STEP, morning + LONG_STEP, last + LONG_STEP)


def late_files(stage: Stage, company: Company) -> tuple[Dropping, Dropping]:
    """Return what follows the day's files: a replacement of one, and the other once more."""
    settled = stage.settled_at(stage.day)
    return (
        Dropping(settled + REPLACED_AFTER, lambda: (company.fundchg_file(stage.day, edition=2),)),
        Dropping(settled + REPEATED_AFTER, lambda: (company.cusfund_file(stage.day),)),
    )
