"""大额出金 — money that leaves, against min(5,000,000, max(500,000, half the opening equity)).

Reaching the line counts. Each line is met exactly once to the 厘, and missed by one 厘 by a twin.
"""

from deploy.synthetic.episodes import large_deposit
from deploy.synthetic.script import Deposit, Episode, Reverse, Seen, Step, Telling, Withdraw
from deploy.synthetic.stage import Stage

KIND = "大额出金"
FLOOR = "50万元"


def told(total: str, amount: str, opening: str, line: str = FLOOR, **where: str) -> Telling:
    """Return the alert as raised; ``where`` may say ``at``."""
    return _reached("raised", (total, amount, line, opening), **where)


def further(total: str, amount: str, opening: str, line: str = FLOOR, **where: str) -> Telling:
    """Return the alert at a further multiple of the line."""
    return _reached("updated", (total, amount, line, opening), **where)


def _reached(step: Step, facts: tuple[str, ...], at: str = "") -> Telling:
    total, _, line, _ = facts
    summary, sms = f"今日累计出金{total}，达到警戒线{line}", f"今日累计出金{total}，警戒线{line}"
    return Telling(step, KIND, summary, facts, at, sms=sms)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about money that leaves."""
    return (*_lines(), *_sums(), *_nights(stage))


def _lines() -> tuple[Episode, ...]:
    return (
        Episode(
            "limit-reached",
            "one withdrawal of exactly the limit",
            opening="20000000.00",
            acts=(Withdraw("20:46", "5000000.000"),),
            told=(told("500万元", "5,000,000.00元", "20,000,000.00元", "500万元", at="20:46"),),
        ),
        Episode(
            "limit-missed",
            "one 厘 less than the limit",
            opening="20000000.00",
            acts=(Withdraw("20:47", "4999999.999"),),
        ),
        Episode(
            "share-reached",
            "exactly half of the opening equity, to the 厘",
            opening="3333333.334",
            acts=(Withdraw("21:03", "1666666.667"),),
            told=(
                told(
                    "166.6666万元", "1,666,666.667元", "3,333,333.334元", "166.6666万元", at="21:03"
                ),
            ),
        ),
        Episode(
            "share-missed",
            "one 厘 less than half of the opening equity",
            opening="3333333.334",
            acts=(Withdraw("21:04", "1666666.666"),),
        ),
        Episode(
            "floor-reached",
            "half of the equity would be less: the floor holds, and is reached",
            opening="800000.00",
            acts=(Withdraw("21:06", "500000.000"),),
            told=(told("50万元", "500,000.00元", "800,000.00元", at="21:06"),),
        ),
        Episode(
            "floor-missed",
            "more than half of the equity, one 厘 less than the floor",
            opening="800000.00",
            acts=(Withdraw("21:07", "499999.999"),),
        ),
        Episode(
            "owes-already",
            "an opening equity below zero counts as nothing: the floor holds",
            opening="-20000.00",
            profit={-1: "-20000.00"},
            acts=(Deposit("21:08", "600000.00"), Withdraw("21:09", "500000.00")),
            told=(
                large_deposit.told("60万元", "600,000.00元", "-20,000.00元", at="21:08"),
                told("50万元", "500,000.00元", "-20,000.00元", at="21:09"),
            ),
        ),
    )


def _sums() -> tuple[Episode, ...]:
    return (
        Episode(
            "adds-up",
            "several withdrawals; the one that reaches the line is 0.001",
            opening="900000.00",
            acts=(
                Withdraw("21:10", "200000.00"),
                Withdraw("10:05", "200000.00"),
                Withdraw("10:20", "99999.999"),
                Withdraw("10:40", "0.001"),
            ),
            told=(told("50万元", "0.001元", "900,000.00元", at="10:40"),),
        ),
        Episode(
            "multiples",
            "reached, just not doubled, doubled, then four lines at once: three messages",
            opening="800000.00",
            acts=(
                Deposit("21:02", "5000000.00"),
                Withdraw("21:15", "500000.00"),
                Withdraw("21:20", "499999.999"),
                Withdraw("10:10", "0.001"),
                Withdraw("10:31", "2000000.00"),
            ),
            told=(
                large_deposit.told("500万元", "5,000,000.00元", "800,000.00元", at="21:02"),
                told("50万元", "500,000.00元", "800,000.00元", at="21:15"),
                further("100万元", "0.001元", "800,000.00元", at="10:10"),
                further("300万元", "2,000,000.00元", "800,000.00元", at="10:31"),
            ),
        ),
        Episode(
            "leaps",
            "three lines with the first withdrawal: one message",
            opening="900000.00",
            acts=(Deposit("21:02", "1000000.00"), Withdraw("21:17", "1700000.00")),
            told=(
                large_deposit.told("100万元", "1,000,000.00元", "900,000.00元", at="21:02"),
                told("170万元", "1,700,000.00元", "900,000.00元", at="21:17"),
            ),
        ),
        Episode(
            "deposit-is-no-withdrawal",
            "money comes in, and a deposit is reversed: neither leaves; twelve lines stay twelve",
            opening="900000.00",
            acts=(
                Deposit("21:11", "6000000.00"),
                Withdraw("21:31", "499999.999"),
                Deposit("10:02", "300000.00"),
                Reverse("10:22", of="10:02"),
            ),
            told=(large_deposit.told("600万元", "6,000,000.00元", "900,000.00元", at="21:11"),),
        ),
        Episode(
            "yesterday-is-over",
            "400,000 yesterday and 400,000 today make no line",
            opening="900000.00",
            acts=(
                Withdraw("14:00", "400000.00", Seen.FILE, on=-1),
                Withdraw("10:03", "400000.00"),
            ),
        ),
    )


def _nights(stage: Stage) -> tuple[Episode, ...]:
    opening = "900,000.00元"
    return (
        Episode(
            "night-belongs-to-the-day",
            f"a withdrawal of the evening of {stage.history[-1]} counts on {stage.day}",
            acts=(Withdraw("21:05", "300000.00"), Withdraw("10:12", "200000.00")),
            told=(told("50万元", "200,000.00元", opening, at="10:12"),),
        ),
        Episode(
            "small-hours",
            "so does one after midnight, also on a Saturday",
            acts=(Withdraw("00:45", "250000.00"), Withdraw("14:05", "250000.00")),
            told=(told("50万元", "250,000.00元", opening, at="14:05"),),
        ),
    )
