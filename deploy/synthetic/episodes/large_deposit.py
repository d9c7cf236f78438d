"""大额入金 — money that comes in, against min(5,000,000, max(500,000, half the opening equity))."""

from deploy.synthetic.script import Deposit, Episode, Reverse, Seen, Step, Telling
from deploy.synthetic.stage import Stage

KIND = "大额入金"
FLOOR = "50万元"


def told(total: str, amount: str, opening: str, line: str = FLOOR, at: str = "") -> Telling:
    """Return the alert as raised."""
    return _reached("raised", (total, amount, line, opening), at)


def further(total: str, amount: str, opening: str, line: str = FLOOR, at: str = "") -> Telling:
    """Return the alert at a further multiple of the line."""
    return _reached("updated", (total, amount, line, opening), at)


def _reached(step: Step, facts: tuple[str, ...], at: str) -> Telling:
    total, _, line, _ = facts
    return Telling(step, KIND, f"今日累计入金{total}，达到警戒线{line}", facts, at, loud=False)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about much new money."""
    return (*_lines(), *_sums())


def _lines() -> tuple[Episode, ...]:
    large, half = "20,000,000.00元", "3,333,333.334元"
    return (
        Episode(
            "deposit-limit-reached",
            "one deposit of exactly the limit",
            "20000000.00",
            (Deposit("20:48", "5000000.000"),),
            (told("500万元", "5,000,000.00元", large, "500万元", "20:48"),),
        ),
        Episode(
            "deposit-limit-missed",
            "one 厘 less than the limit",
            "20000000.00",
            (Deposit("20:49", "4999999.999"),),
        ),
        Episode(
            "deposit-share-reached",
            "exactly half of the opening equity, to the 厘",
            "3333333.334",
            (Deposit("20:51", "1666666.667"),),
            (told("166.6666万元", "1,666,666.667元", half, "166.6666万元", "20:51"),),
        ),
        Episode(
            "deposit-share-missed",
            "one 厘 less than half of the opening equity",
            "3333333.334",
            (Deposit("20:52", "1666666.666"),),
        ),
        Episode(
            "deposit-floor-reached",
            "half of the equity would be less: the floor holds, and is reached",
            "800000.00",
            (Deposit("20:53", "500000.000"),),
            (told("50万元", "500,000.00元", "800,000.00元", at="20:53"),),
        ),
        Episode(
            "deposit-floor-missed",
            "one 厘 less than the floor",
            "800000.00",
            (Deposit("20:54", "499999.999"),),
        ),
    )


def _sums() -> tuple[Episode, ...]:
    opening = "900,000.00元"
    return (
        Episode(
            "deposits-add-up",
            "reached by the second one, doubled by the third; then two are reversed: taken back",
            acts=(
                Deposit("21:41", "400000.00"),
                Deposit("09:46", "200000.00"),
                Deposit("10:38", "400000.00"),
                Reverse("13:34", of="10:38"),
                Reverse("13:46", of="21:41"),
            ),
            told=(
                told("60万元", "200,000.00元", opening, at="09:46"),
                further("100万元", "400,000.00元", opening, at="10:38"),
                Telling(
                    "withdrawn",
                    KIND,
                    "冲正后今日累计入金20万元，已低于警戒线50万元",
                    ("20万元", "400,000.00元"),
                    "13:46",
                    loud=False,
                ),
            ),
        ),
        Episode(
            "deposit-filed-only",
            "a deposit that the stream never showed is told from the file",
            acts=(Deposit("11:00", "750000.00", Seen.FILE),),
            told=(told("75万元", "750,000.00元", opening),),
        ),
    )
