"""What happens when: files that are dropped, events that are posted, minutes that pass.

One clock drives all of it. Sessions are played at a pace, the rest as fast as it goes; the clock
ticks through both.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from deploy.synthetic.company import File
from deploy.synthetic.stage import Stage
from deploy.synthetic.stream import Posting, tick


@dataclass(frozen=True)
class Dropping:
    """Files that appear in the drop folder at a moment; they are made when it has come.

    The play goes on when they have been read; ``until_told``: when nobody is left to be told, too.
    """

    at: datetime
    files: Callable[[], tuple[File, ...]]
    until_told: bool = False


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
            tick(at, stage),
            tuple(posts[first_post:posted]),
            tuple(drops[first_drop:dropped]),
            any(begin <= at <= end for begin, end in stage.sessions),
        )
