"""接入 — what a source does wrong or late, and what must come of it."""

from deploy.synthetic.episodes import large_deposit
from deploy.synthetic.episodes.large_withdrawal import told
from deploy.synthetic.flaws import FLAWS
from deploy.synthetic.script import Again, Broken, Deposit, Episode, Seen, Withdraw
from deploy.synthetic.stage import Stage


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about files, strangers, repeats and nonsense."""
    return (*_files(), *_strangers(), *_repeats(), *_nonsense())


def _files() -> tuple[Episode, ...]:
    opening = "900,000.00元"
    return (
        Episode(
            "live-and-filed",
            "the same withdrawal live and in the day's file is one fact, not two lines",
            acts=(Withdraw("10:25", "600000.00"),),
            told=(told("60万元", "600,000.00元", opening, at="10:25"),),
        ),
        Episode(
            "filed-only",
            "a withdrawal that the stream never showed is told from the file",
            acts=(Withdraw("11:00", "750000.00", Seen.FILE),),
            told=(told("75万元", "750,000.00元", opening),),
        ),
        Episode(
            "filed-only-missed",
            "the file adds up to one 厘 less than the line",
            acts=(
                Withdraw("10:27", "250000.00"),
                Withdraw("11:05", "249999.999", Seen.FILE),
            ),
        ),
        Episode(
            "twice-in-the-file",
            "two equal withdrawals, one of them live: the other one is new",
            acts=(
                Withdraw("10:28", "300000.00"),
                Withdraw("13:45", "300000.00", Seen.FILE),
            ),
            told=(told("60万元", "300,000.00元", opening),),
        ),
        Episode(
            "replaced",
            "a replacement of the day's file brings a row more: only that row is new",
            acts=(
                Withdraw("10:29", "200000.00"),
                Withdraw("14:10", "300000.00", Seen.REPLACEMENT),
            ),
            told=(told("50万元", "300,000.00元", opening),),
        ),
    )


def _strangers() -> tuple[Episode, ...]:
    return (
        Episode(
            "stranger",
            "nobody knows the client: the risk desk hears, and no equity is known",
            opening=None,
            known=False,
            acts=(Deposit("21:16", "1000000.00"), Withdraw("21:26", "600000.00")),
            told=(
                large_deposit.told("100万元", "1,000,000.00元", "未知"),
                told("60万元", "600,000.00元", "未知"),
            ),
        ),
    )


def _repeats() -> tuple[Episode, ...]:
    return (
        Episode(
            "posted-twice",
            "the same event again, at once and hours later, is no second withdrawal",
            acts=(
                Withdraw("21:28", "300000.00"),
                Again("21:29", of="21:28"),
                Again("13:35", of="21:28"),
            ),
        ),
        Episode(
            "told-once",
            "the event that reached the line again: nothing more to tell",
            acts=(Withdraw("21:30", "520000.00"), Again("14:15", of="21:30")),
            told=(told("52万元", "520,000.00元", "900,000.00元", at="21:30"),),
        ),
    )


def _nonsense() -> tuple[Episode, ...]:
    return tuple(
        Episode(
            f"refused-{flaw}",
            f"an event with {flaw} is refused, and nothing else with it",
            acts=(Withdraw("10:33", "1000.00"), Broken("10:34", flaw)),
        )
        for flaw in FLAWS
    )
