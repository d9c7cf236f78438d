"""单日回撤 — more than a fifth of opening equity and deposits lost within the day.

Exactly a fifth is silence, one 厘 more is not. What stays under 10,000 is no week's loss.
"""

from deploy.synthetic.script import Deposit, Episode, Snapshot, Step, Telling, Withdraw
from deploy.synthetic.stage import Stage

KIND = "单日回撤"
BASE = "40,000.00元"


def told(share: str, lost: str, base: str = BASE, at: str = "") -> Telling:
    """Return the alert as raised."""
    sms = f"回撤{share}，亏损{lost}"
    return Telling("raised", KIND, f"当日{sms}", (share, lost, base), at, sms=sms)


def settled(share: str = "", lost: str = "", step: Step = "confirmed") -> Telling:
    """Return what the settlement makes of it: nothing to tell when it only agrees."""
    words = {
        "amended": f"结算更正：当日回撤{share}，亏损{lost}",
        "withdrawn": f"按结算当日回撤{share}，未超过警戒线",
    }
    loud = step == "withdrawn"
    return Telling(step, KIND, words.get(step, ""), loud=loud, silent=step == "confirmed")


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about a bad day."""
    return (*_lines(), *_flows(), *_settled())


def at(moment: str, equity: str) -> Snapshot:
    """Return a snapshot of an account without a position."""
    return Snapshot(moment, equity, equity)


def _lines() -> tuple[Episode, ...]:
    return (
        Episode(
            "drawdown-reached",
            "a 厘 more than a fifth; the settlement agrees",
            "40000.00",
            (at("21:32:10", "31999.999"),),
            (told("20%", "8,000.001元", at="21:32:10"), settled()),
            profit={0: "-8000.001"},
        ),
        Episode(
            "drawdown-missed",
            "exactly a fifth",
            "40000.00",
            (at("21:33:10", "32000.000"),),
            profit={0: "-8000.000"},
        ),
    )


def _flows() -> tuple[Episode, ...]:
    return (
        Episode(
            "drawdown-of-a-deposit",
            "the day's deposit is at stake too: a fifth of both is silence, a 厘 more is not",
            "40000.00",
            (
                Deposit("21:33", "8000.00"),
                at("21:34:10", "38400.000"),
                at("21:36:10", "38399.999"),
            ),
            (told("20%", "9,600.001元", "48,000.00元", "21:36:10"), settled()),
            profit={0: "-9600.001"},
        ),
        Episode(
            "withdrawn-is-not-lost",
            "half of the money is taken out, and exactly a fifth of all lost",
            "40000.00",
            (Withdraw("21:37", "20000.00"), at("21:38:10", "12000.000")),
            profit={0: "-8000.000"},
        ),
    )


def _settled() -> tuple[Episode, ...]:
    return (
        Episode(
            "drawdown-amended",
            "25 % by day, 22.5 % by the settlement: corrected",
            "40000.00",
            (at("10:06:10", "30000.00"),),
            (
                told("25%", "10,000.00元", at="10:06:10"),
                settled("22.5%", "9,000.00元", "amended"),
            ),
            profit={0: "-9000.00"},
        ),
        Episode(
            "drawdown-withdrawn",
            "30 % by day, 10 % by the settlement: taken back",
            "40000.00",
            (at("10:11:10", "28000.00"),),
            (told("30%", "12,000.00元", at="10:11:10"), settled("10%", step="withdrawn")),
            profit={0: "-4000.00"},
        ),
        Episode(
            "drawdown-by-the-files",
            "nothing live: the settlement tells it",
            "40000.00",
            told=(told("20%", "8,000.001元"),),
            profit={0: "-8000.001"},
        ),
    )
