"""常演 — the synthetic broker that lives on, day after day, until somebody stops it."""

from collections.abc import Callable
from pathlib import Path

import httpx
from msgspec.structs import replace
from rich.console import Console

from deploy.synthetic.calendar_in_use import calendar_in_use
from deploy.synthetic.demo import Chain
from deploy.synthetic.director import Director
from deploy.synthetic.gateway import Gateway
from deploy.synthetic.patience import Patience
from deploy.synthetic.season import Bookmark, Place, Season
from deploy.synthetic.stage import Unplayable
from deploy.synthetic.stillness import BEHIND, Stillness
from deploy.synthetic.timeline import Minute
from shared.clock import WallClock

PATIENCE_S = 3600.0  # a stack that is away for less is simply waited for


def live(chain: Chain, state: Path, first: Place, speed: float, console: Console) -> None:
    """Play from where the state says, else from ``first``; return at the calendar's end.

    Raises ``Unplayable`` when there is no first day at all, and what ``Director.perform`` raises.
    """
    bookmark = Bookmark(state)
    place = bookmark.read(first)
    season = Season(calendar_in_use(), place.began, place.accounts, place.seed)
    season.stage(place.began)
    patience = Patience(PATIENCE_S)
    with (
        httpx.Client(trust_env=False) as client,
        chain.way(state / "counter").open(place.day, client, patience) as feed,
    ):
        director = Director(
            feed=feed,
            gateway=Gateway(chain.sandbox, client, patience),
            folder=chain.drop,
            stillness=Stillness((chain.ingest, *chain.status), client, PATIENCE_S),
            clock=WallClock(),
            speed=speed,
            gauges=BEHIND if chain.status else BEHIND[:1],
            strict=False,
        )
        while True:
            try:
                stage = season.stage(place.day)
            except Unplayable as end:
                line = f"日历已尽，到此为止 · the calendar ends: {end}"
                console.print(line, markup=False, soft_wrap=True)
                return
            console.print(f"合成交易日 {stage.day} · trading day {stage.day}", markup=False)
            director.show = _kept(bookmark, place)
            director.perform(season.minutes(stage.day, place.at))
            place = replace(place, day=stage.next, at=None)
            bookmark.write(place)


def _kept(bookmark: Bookmark, place: Place) -> Callable[[Minute], None]:
    """Return what keeps the place after each minute that was played."""
    return lambda minute: bookmark.write(replace(place, at=minute.at))
