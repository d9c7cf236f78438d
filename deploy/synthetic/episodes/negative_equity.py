"""穿仓 — nothing is left and margin is in use: the line to the 厘, and the whole way down to it."""

from deploy.synthetic.episodes import daily_drawdown, weekly_loss
from deploy.synthetic.episodes.margin import (
    CALL,
    EQUITY,
    LOUD,
    USAGE,
    WIPED,
    both,
    seen,
    settled,
    told,
)
from deploy.synthetic.script import Deposit, Episode, Telling
from deploy.synthetic.stage import Stage


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about accounts with nothing left."""
    return (*_lines(), _wiped_out(stage))


def _lines() -> tuple[Episode, ...]:
    return (
        Episode(
            "nothing-left",
            "equity of exactly nothing with margin in use",
            opening="0.00",
            acts=(seen("14:11:10", "5000.00", equity="0.000"),),
            told=(
                told(WIPED, "0.00元", ("穿仓", "5,000.00元"), "14:11:10"),
                settled(WIPED),
            ),
            available={0: "-5000.00"},
        ),
        Episode(
            "a-hair-left",
            "equity of one 厘, all of it in use: that is a ratio",
            opening="0.001",
            acts=(seen("14:12:10", "0.001", equity="0.001"),),
            told=both("100%", "14:12:10", ("0.001元",)),
            available={0: "0.000"},
        ),
        Episode(
            "no-position",
            "one 厘 in debt, but no margin in use: nothing is open that could lose more",
            opening="0.00",
            acts=(seen("14:13:10", "0.00", equity="-0.001"),),
        ),
    )


def _wiped_out(stage: Stage) -> Episode:
    """Return the whole way down: the lines one after the other, then 穿仓, then the settlement."""
    return Episode(
        "wiped-out",
        "82 %, then 108 % with a quarter lost, then nothing; the debt is paid the next morning",
        EQUITY,
        (
            seen("09:06:10", "82000.00"),
            seen("09:16:10", "81000.00", equity="75000.00"),
            seen("09:31:10", "80000.00", equity="-5000.00"),
            Deposit("+1 09:07", "5000.00", on=1),
        ),
        (
            told(USAGE, "82%", at="09:06:10"),
            told(CALL, "108%", at="09:16:10"),
            daily_drawdown.told("25%", "25,000.00元", "100,000.00元", "09:16:10"),
            told(WIPED, "-5,000.00元", ("穿仓",), "09:31:10"),
            _gone(USAGE),
            _gone(CALL),
            settled(WIPED),
            daily_drawdown.settled("105%", "105,000.00元", "amended"),
            weekly_loss.told("105,000.00元", "105%", "100,000.00元", f"{stage.day}"),
        ),
        available={0: "-85000.00"},
        profit={0: "-105000.00"},
    )


def _gone(kind: str) -> Telling:
    """Return that a ratio is none any more: there is nothing left to compare with."""
    return Telling("withdrawn", kind, "按结算已穿仓，本条不再适用", loud=LOUD[kind])
