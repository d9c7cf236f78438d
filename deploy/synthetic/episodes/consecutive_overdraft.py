"""连续透支 — settled available below zero on two trading days running, 100,000 together.

``available`` is by distance from the play's day. Days that are no trading days are not in it: with
a Monday for the play's day every run goes over a weekend. Who has nothing available has all of the
equity in use, so each such close raises 保证金占用 and 追加保证金 of its day as well.
"""

from collections.abc import Iterator
from dataclasses import replace

from deploy.synthetic.episodes import margin
from deploy.synthetic.script import Episode, Step, Telling
from deploy.synthetic.stage import Stage

KIND = "连续透支"
LIMIT = "10万元"


def told(days: int, total: str, available: str, step: Step = "raised") -> Telling:
    """Return the alert on the day whose settled available is ``available``."""
    summary = f"连续{days}个交易日可用资金为负，累计透支{total}"
    sms = f"已连续{days}天，累计透支{total}"
    return Telling(step, KIND, summary, (total, f"{days}天", available, LIMIT), sms=sms)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about accounts in debt at the close."""
    return tuple(replace(one, told=tuple(_with_margins(one))) for one in _overdrawn())


def _with_margins(episode: Episode) -> Iterator[Telling]:
    """Tell of the margins too: those of the play's day last: some wait till morning."""
    raised = {
        offset: margin.squeezed(episode.opening or "", free, f"{offset}")
        for offset, free in episode.available.items()
    }
    for offset in sorted(raised.keys() - {0}):
        yield from raised[offset]
    yield from episode.told
    yield from raised.get(0, ())


def _overdrawn() -> tuple[Episode, ...]:
    return (
        Episode(
            "overdraft-reached",
            "the second day brings the sum to exactly the limit",
            available={-1: "-40000.000", 0: "-60000.000"},
            told=(told(2, "10万元", "-60,000.00元"),),
        ),
        Episode(
            "overdraft-missed",
            "one 厘 less than the limit",
            available={-1: "-40000.000", 0: "-59999.999"},
        ),
        Episode(
            "one-day",
            "a single day is no run, however deep",
            available={0: "-3000000.00"},
        ),
        Episode(
            "zero-is-not-below",
            "available of exactly nothing ends the run",
            available={-2: "-80000.00", -1: "0.000", 0: "-80000.00"},
        ),
        Episode(
            "zero-today",
            "the second day is at nothing: no run of two",
            available={-1: "-150000.00", 0: "0.000"},
        ),
        Episode(
            "third-day",
            "raised on the day before, told further on the third day",
            available={-2: "-30000.00", -1: "-70000.00", 0: "-20000.00"},
            told=(
                told(2, "10万元", "-70,000.00元"),
                told(3, "12万元", "-20,000.00元", "updated"),
            ),
        ),
        Episode(
            "slowly",
            "the limit is reached on the third day only: raised then",
            available={-2: "-10000.00", -1: "-20000.00", 0: "-80000.00"},
            told=(told(3, "11万元", "-80,000.00元"),),
        ),
        Episode(
            "recovered",
            "raised on the day before; today a 厘 above nothing: no more to tell",
            available={-2: "-60000.00", -1: "-60000.00", 0: "0.001"},
            told=(told(2, "12万元", "-60,000.00元"),),
        ),
    )
