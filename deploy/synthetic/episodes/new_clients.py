"""新客户 — 首次入金, told at once; 开户未入金, told three trading days after the opening."""

from datetime import date, timedelta

from deploy.synthetic.script import Deposit, Episode, Past, Reverse, Seen, Telling
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import OutsideCoverage

FIRST, UNFUNDED = "首次入金", "开户未入金"
FROM, UNTIL = 3, 10  # trading days after the opening


def paid_in(amount: str, opened: date, at: str = "") -> Telling:
    """Return the first deposit."""
    facts = (amount, f"{opened}")
    return Telling("raised", FIRST, f"客户首次入金{amount}", facts, at, loud=False)


def unfunded(opened: date, days: int) -> Telling:
    """Return that there is still no money."""
    facts = (f"{opened}", f"{days}个交易日")
    return Telling("raised", UNFUNDED, f"开户{days}个交易日仍未入金", facts, loud=False)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about clients who have just come."""
    try:
        return (*_first(stage), *_still_none(stage))
    except OutsideCoverage:
        return ()


def _first(stage: Stage) -> tuple[Episode, ...]:
    yesterday, months_ago = stage.on(-1), stage.day - timedelta(days=200)
    return (
        Episode(
            "first-deposit",
            "the first money of a new client, and some more: one message",
            "0.00",
            (Deposit("09:32", "50000.00"), Deposit("13:56", "20000.00")),
            (paid_in("50,000.00元", yesterday, "09:32"),),
            past=Past(yesterday),
        ),
        Episode(
            "first-deposit-reversed",
            "the first money goes back: taken back, and then it comes again",
            "0.00",
            (
                Deposit("09:33", "30000.00"),
                Reverse("10:21", of="09:33"),
                Deposit("13:57", "25000.00"),
            ),
            (
                paid_in("30,000.00元", months_ago, "09:33"),
                Telling("withdrawn", FIRST, "首次入金30,000.00元已冲正", at="10:21", loud=False),
                paid_in("25,000.00元", months_ago, "13:57"),
            ),
            past=Past(months_ago),
        ),
        Episode(
            "first-deposit-filed-only",
            "the file alone tells it",
            "0.00",
            (Deposit("11:00", "8000.00", Seen.FILE),),
            (paid_in("8,000.00元", yesterday),),
            past=Past(yesterday),
        ),
        Episode(
            "not-the-first",
            "money was there before",
            "12.00",
            (Deposit("09:34", "60000.00"),),
            past=Past(months_ago),
        ),
    )


def _still_none(stage: Stage) -> tuple[Episode, ...]:
    day, calendar = stage.day, stage.calendar
    just, early, last, late = (calendar.before(day, n) for n in (3, 2, 15, 16))
    four = calendar.before(day, 4)
    return (
        *(
            Episode(name, about, "0.00", told=_closes(stage, opened), past=Past(opened))
            for name, about, opened in (
                ("unfunded", "three trading days after the opening", just),
                ("unfunded-too-early", "two trading days after the opening", early),
                ("unfunded-last-chance", "ten trading days at the first close", last),
                ("unfunded-too-late", "eleven trading days at the first close", late),
            )
        ),
        Episode(
            "unfunded-no-more",
            "reminded the day before; today the first money comes",
            "0.00",
            (Deposit("09:36", "30000.00"),),
            (
                unfunded(four, FROM),
                paid_in("30,000.00元", four, "09:36"),
                Telling("withdrawn", UNFUNDED, "客户已入金", at="09:36", loud=False),
            ),
            past=Past(four),
        ),
    )


def _closes(stage: Stage, opened: date) -> tuple[Telling, ...]:
    """Return the reminder of the first close at which it is due, if there is one."""
    since = (stage.calendar.distance(opened, close) for close in stage.closings if close > opened)
    due = [days for days in since if FROM <= days <= UNTIL]
    return (unfunded(opened, due[0]),) if due else ()
