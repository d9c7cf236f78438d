"""冲正 — withdrawals that are taken back: below its line 大额出金 is withdrawn, and can return."""

from deploy.synthetic.episodes.large_withdrawal import FLOOR, KIND, told
from deploy.synthetic.script import Episode, Reverse, Telling, Withdraw
from deploy.synthetic.stage import Stage


def taken_back(total: str, amount: str, opening: str, line: str = FLOOR, at: str = "") -> Telling:
    """Return the alert withdrawn by a reversal of ``amount``."""
    summary = f"冲正后今日累计出金{total}，已低于警戒线{line}"
    return Telling("withdrawn", KIND, summary, (total, amount, line, opening), at)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about withdrawals that were none."""
    opening = "900,000.00元"
    return (
        Episode(
            "reversed",
            "reached, reversed below the line, reached again: one alert, three revisions",
            acts=(
                Withdraw("21:12", "100000.00"),
                Withdraw("21:22", "450000.00"),
                Reverse("21:42", of="21:22"),
                Withdraw("10:15", "400000.00"),
            ),
            told=(
                told("55万元", "450,000.00元", opening, at="21:22"),
                taken_back("10万元", "450,000.00元", opening, at="21:42"),
                told("50万元", "400,000.00元", opening, at="10:15"),
            ),
        ),
        Episode(
            "reversed-to-the-line",
            "a reversal that leaves the sum exactly on the line takes nothing back",
            acts=(
                Withdraw("21:13", "500000.00"),
                Withdraw("21:23", "100000.00"),
                Reverse("21:43", of="21:23"),
            ),
            told=(told("50万元", "500,000.00元", opening, at="21:13"),),
        ),
        Episode(
            "reversed-by-a-hair",
            "a reversal of one 厘 takes it back",
            acts=(
                Withdraw("21:14", "0.001"),
                Withdraw("21:24", "499999.999"),
                Reverse("21:44", of="21:14"),
            ),
            told=(
                told("50万元", "499,999.999元", opening, at="21:24"),
                taken_back("49.9999万元", "0.001元", opening, at="21:44"),
            ),
        ),
    )
