"""What happens when: files that are dropped, events that are posted, minutes that pass.

One clock drives all of it. Sessions are played at a pace, the rest as fast as it goes; the clock
ticks through both.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from deploy.synthetic.company import File
from deploy.synthetic.stage import Stage, clock
from deploy.synthetic.stream import Posting, tick

MINUTE = timedelta(minutes=1)
_NIGHT = timedelta(hours=5, minutes=50)  # to the last close of the night, 02:30
_DAY_BEGINS, _DAY_ENDS = time(8, 55), time(15, 20)


@dataclass(frozen=True)
class Dropping:
    """Files that appear in the drop folder at a moment; they are made when it has come."""

    at: datetime
    files: Callable[[], tuple[File, ...]]


@dataclass(frozen=True)
class Minute:
    """A tick, with what was posted in the minute before it and the files that appear after it."""

    tick: Posting
    postings: tuple[Posting, ...] = ()
    droppings: tuple[Dropping, ...] = ()
    paced: bool = False

    @property
    def at(self) -> datetime:
        return self.tick.at


def every(step: timedelta, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield moments from ``begin`` up to ``end``, neither of them later than ``end``."""
    while begin <= end:
        yield begin
        begin += step


def by_minute(
    ticks: Iterable[datetime],
    postings: Iterable[Posting],
    droppings: Iterable[Dropping],
    stage: Stage,
) -> Iterator[Minute]:
    """Sort what happens under the ticks that follow it; each list is taken in time order."""
    posts = sorted(postings, key=lambda posting: posting.at)
    drops = sorted(droppings, key=lambda dropping: dropping.at)
    posted = dropped = 0
    for at in ticks:
        first_post, first_drop = posted, dropped
        while posted < len(posts) and posts[posted].at <= at:
            posted += 1
        while dropped < len(drops) and drops[dropped].at <= at:
            dropped += 1
        yield Minute(
            tick(at, stage.calendar),
            tuple(posts[first_post:posted]),
            tuple(drops[first_drop:dropped]),
            in_session(at, stage),
        )


def in_session(at: datetime, stage: Stage) -> bool:
    """Say whether the exchanges trade at that moment of the play's day, or are about to."""
    by_day = clock(stage.day, _DAY_BEGINS) <= at <= clock(stage.day, _DAY_ENDS)
    by_night = stage.has_night and stage.curtain_up <= at <= stage.curtain_up + _NIGHT
    return by_day or by_night
