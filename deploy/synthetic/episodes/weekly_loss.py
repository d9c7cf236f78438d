"""大额亏损 — a fifth of the week's money lost, and more than 10,000: told the next morning.

``profit`` is by distance from the play's day, so a week is −4 to 0; −5 is just outside it.
"""

from dataclasses import replace

from deploy.synthetic.episodes import daily_drawdown
from deploy.synthetic.script import Deposit, Episode, Seen, Telling
from deploy.synthetic.stage import Stage

KIND = "大额亏损"


def told(lost: str, share: str, base: str, until: str) -> Telling:
    """Return the alert of the week that ends on ``until``."""
    summary, sms = f"近5个交易日亏损{lost}，占{share}", f"近期亏损{lost}，占{share}"
    return Telling("raised", KIND, summary, (lost, share, base, until), sms=sms)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about a bad week."""
    return (*_lines(f"{stage.day}"), *_windows(stage), *_deposits(f"{stage.day}"), _restated(stage))


def _lines(day: str) -> tuple[Episode, ...]:
    return (
        Episode(
            "week-share-reached",
            "exactly a fifth of the equity before the week",
            "86000.00",
            told=(told("20,000.00元", "20%", "100,000.00元", day),),
            profit={-4: "-8000.00", -2: "-6000.00", 0: "-6000.000"},
        ),
        Episode(
            "week-share-missed",
            "one 厘 less than a fifth",
            "86000.00",
            profit={-4: "-8000.00", -2: "-6000.00", 0: "-5999.999"},
        ),
        Episode(
            "week-floor-reached",
            "a quarter, and one 厘 more than 10,000",
            "35000.00",
            told=(told("10,000.001元", "25%", "40,000.00元", day),),
            profit={-1: "-5000.00", 0: "-5000.001"},
        ),
        Episode(
            "week-floor-missed",
            "a quarter, but exactly 10,000: over means over",
            "35000.00",
            profit={-1: "-5000.00", 0: "-5000.000"},
        ),
    )


def _windows(stage: Stage) -> tuple[Episode, ...]:
    return (
        Episode(
            "week-just-outside",
            "a fifth in six days, an eighth in five",
            "86000.00",
            profit={-5: "-8000.00", -2: "-6000.00", 0: "-6000.00"},
        ),
        Episode(
            "last-week",
            "raised the day before, told this morning; that it still holds is no news",
            "79000.00",
            told=(told("21,000.00元", "21%", "100,000.00元", f"{stage.on(-1)}"),),
            profit={-2: "-15000.00", -1: "-6000.00"},
        ),
    )


def _deposits(day: str) -> tuple[Episode, ...]:
    added = Episode(
        "week-of-a-deposit",
        "what was paid in within the week is at stake too: exactly a fifth of both",
        "90000.00",
        (Deposit("14:00", "20000.00", Seen.FILE, on=-3),),
        (told("20,000.00元", "20%", "100,000.00元", day),),
        profit={-4: "-10000.00", 0: "-10000.00"},
    )
    more = replace(
        added,
        name="week-of-a-larger-deposit",
        about="a fen more was paid in: less than a fifth",
        opening="90000.01",
        acts=(Deposit("14:00", "20000.01", Seen.FILE, on=-3),),
        told=(),
    )
    return (added, more)


def _restated(stage: Stage) -> Episode:
    """Return a loss that the replacement of the file takes back before the morning."""
    week = told("30,000.00元", "30%", "100,000.00元", f"{stage.day}")
    return Episode(
        "restated",
        "30 % lost by the first file, 1 % by its replacement: nobody hears of the week",
        "100000.00",
        told=(
            daily_drawdown.told("30%", "30,000.00元", "100,000.00元"),
            replace(week, silent=True),
            daily_drawdown.settled("1%", step="withdrawn"),
            replace(week, step="withdrawn", silent=True),
        ),
        profit={0: "-30000.00"},
        restated="-1000.00",
    )
