"""休眠重激活 — a client whom the last judgement day found dormant trades again.

The day's file of trades shows the lots, or before it the counter's own statement of the day. Who
was to be found dormant by the coming judgement day was warned of it, and the trade takes that back.
"""

from datetime import date

from deploy.synthetic.episodes import near_dormancy
from deploy.synthetic.script import Dealt, Episode, Past, Statement, Telling
from deploy.synthetic.stage import Stage, year_before

KIND = "休眠重激活"
OPENED = date(2015, 6, 1)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about clients who come back."""
    line, eve, morrow = (year_before(stage.passed, days) for days in (0, -1, 1))
    return (
        _back(
            stage,
            Episode(
                "woken",
                "last traded a year and a day before the judgement; equity of exactly 1,000",
                "1000.000",
                (Dealt(1),),
                past=Past(OPENED, eve, eve),
            ),
            dormant=True,
        ),
        _back(
            stage,
            Episode(
                "woken-for-the-first-time",
                "never traded, opened exactly a year before the judgement",
                "300.00",
                (Statement("15:32", 1),),
                past=Past(line),
            ),
            dormant=True,
        ),
        *(
            _back(stage, Episode(name, about, equity, (Dealt(1),), past=past), False)
            for name, about, equity, past in (
                ("too-rich-to-sleep", "equity of 1,000.001", "1000.001", Past(OPENED, eve, eve)),
                ("awake-on-the-line", "traded exactly a year before", "88.00", Past(OPENED, line)),
                (
                    "held-on-the-line",
                    "held exactly a year before",
                    "88.00",
                    Past(OPENED, eve, line),
                ),
                (
                    "too-young-to-sleep",
                    "opened a day less than a year before",
                    "88.00",
                    Past(morrow),
                ),
            )
        ),
    )


def _back(stage: Stage, episode: Episode, dormant: bool) -> Episode:
    past, (act,) = episode.past or Past(OPENED), episode.acts
    at = act.at if isinstance(act, Statement) else ""
    warned = near_dormancy.closes(stage, episode, stage.history)
    told = list(warned)
    if warned and warned[-1].alert >= f"{stage.day}":
        told.append(near_dormancy.over(warned[-1].alert, at))
    if dormant:
        facts = (f"{past.last_trade_on or '无记录'}", f"{past.opened_on}", f"{stage.day}")
        told.append(Telling("raised", KIND, "休眠客户重新交易", facts, at, loud=False))
    return Episode(
        episode.name, episode.about, episode.opening, episode.acts, tuple(told), past=past
    )
