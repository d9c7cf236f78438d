"""沉默客户 — 30 trading days without a trade, again after 35 and 40, and then never."""

from datetime import date

from deploy.synthetic.book import li, money
from deploy.synthetic.script import Episode, Past, Step, Telling, Traded
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import OutsideCoverage

KIND = "沉默客户"
DAYS, WEEK, WEEKS = 30, 5, 3
OPENED, TRADED_ON = date(2019, 5, 6), 1


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about clients who have gone quiet."""
    try:
        return _episodes(stage)
    except OutsideCoverage:
        return ()


def _episodes(stage: Stage) -> tuple[Episode, ...]:
    silent = tuple(
        _away(stage, Episode(f"idle-{name}", about, equity), days)
        for name, about, days, equity in (
            ("today", "30 trading days today", 30, "5000.00"),
            ("tomorrow", "29 trading days today", 29, "5000.00"),
            ("second-week", "30 at the first close, 35 today", 35, "5000.00"),
            ("third-week", "39 at the first close, 44 today", 44, "5000.00"),
            ("for-long", "45 at the first close: the three weeks are over", 50, "5000.00"),
            ("with-enough", "one 厘 more than 1,000", 30, "1000.001"),
            ("with-too-little", "exactly 1,000", 30, "1000.000"),
        )
    )
    return (*silent, _back(stage))


def _away(stage: Stage, episode: Episode, days: int) -> Episode:
    last = stage.calendar.before(stage.day, days)
    told = () if episode.opening == "1000.000" else _closes(stage, last, episode.opening or "")
    return Episode(
        episode.name, episode.about, episode.opening, told=told, past=Past(OPENED, last, last)
    )


def _back(stage: Stage) -> Episode:
    last = stage.calendar.before(stage.day, 32)
    at_the_closes = _closes(stage, last, "5000.00", len(stage.history) + 1)
    over = Telling("withdrawn", KIND, "客户已恢复交易", loud=False)
    return Episode(
        "idle-no-more",
        "quiet for weeks; the next day's baselines tell of a trade: taken back",
        "5000.00",
        (Traded(TRADED_ON),),
        (*at_the_closes, over) if stage.epilogue else at_the_closes,
        past=Past(OPENED, last, last),
    )


def _closes(stage: Stage, last: date, equity: str, most: int = 99) -> tuple[Telling, ...]:
    """Return what the first ``most`` closes must tell of a client who traded ``last``."""
    told: list[Telling] = []
    reached = 0
    for close in stage.closings[:most]:
        idle = stage.calendar.distance(last, close)
        week = (idle - DAYS) // WEEK + 1 if idle >= DAYS else 0
        if reached < week <= WEEKS:
            step: Step = "updated" if reached else "raised"
            reached = week
            facts = (f"{last}", money(li(equity)), f"第{week}周")
            summary = f"已{idle}个交易日未交易，激活第{week}周"
            told.append(Telling(step, KIND, summary, facts, loud=False))
    return tuple(told)
