"""临近休眠 — clients whom the coming judgement day would find dormant.

That is: opened a year or more before it, no position and no trade within the year before it, equity
of at most 1,000. "Within the year" has the day exactly one year before in it. Which close tells it
depends on how far the judgement day is: raised at the first close with at most ten trading days
left, told further at the first later one with at most three, unless it was raised that late.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from deploy.synthetic.script import Deposit, Episode, Past, Step, Telling, Traded
from deploy.synthetic.stage import REMINDED, WARNED, Stage, year_before

KIND = "临近休眠"
EQUITY = 1_000
OLD = date(2015, 6, 1)
FUNDED_AT, TRADED_ON = "+1 09:05", 1


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about clients who have been away."""
    judgement = stage.coming(stage.day).judgement
    year, eve, morrow = (year_before(judgement, days) for days in (0, -1, 1))
    return (
        *(
            _judged(stage, Episode(name, about, opening=equity, past=past))
            for name, about, equity, past in (
                ("dormant", "equity of exactly 1,000", "1000.000", Past(OLD, eve, eve)),
                ("a-hair-too-rich", "equity of 1,000.001", "1000.001", Past(OLD, eve, eve)),
                ("empty", "no money at all, never traded", "0.00", Past(OLD)),
                ("a-year-old", "opened exactly a year before", "500.25", Past(year)),
                ("too-young", "opened a day less than a year before", "500.25", Past(morrow)),
                ("traded-within", "last traded exactly a year before", "88.00", Past(OLD, year)),
                ("traded-before", "last traded a year and a day before", "88.00", Past(OLD, eve)),
                (
                    "held-within",
                    "last held a position exactly a year before",
                    "12.345",
                    Past(OLD, eve, year),
                ),
                (
                    "held-before",
                    "last held a position a year and a day before",
                    "12.345",
                    Past(OLD, eve, eve),
                ),
            )
        ),
        _woken(
            stage,
            Episode(
                "funded",
                "money comes in on the next morning: taken back",
                opening="640.00",
                acts=(Deposit(FUNDED_AT, "50000.00", on=1),),
                past=Past(OLD, eve, eve),
            ),
        ),
        _woken(
            stage,
            Episode(
                "traded",
                "the broker's baselines tell of a trade on the next day: taken back",
                opening="720.00",
                acts=(Traded(TRADED_ON),),
                past=Past(OLD, eve, eve),
            ),
        ),
    )


def _judged(stage: Stage, episode: Episode) -> Episode:
    """Add what the closes of the play must tell of a client who stays away."""
    return replace(episode, told=closes(stage, episode, stage.closings))


def _woken(stage: Stage, episode: Episode) -> Episode:
    """Add what must be told of a client who comes back on the day after the play's."""
    told = closes(stage, episode, (*stage.history, stage.day))
    if stage.epilogue and told:
        told = (*told, over(told[-1].alert))
    return replace(episode, told=told)


def over(alert: str, at: str = "") -> Telling:
    """Return that a client who was warned has come back."""
    summary = "账户已交易或入金，不再临近休眠"
    return Telling("withdrawn", KIND, summary, at=at, alert=alert, loud=False)


def closes(stage: Stage, episode: Episode, closings: tuple[date, ...]) -> tuple[Telling, ...]:
    """Return what closes must tell of a client, by the judgement day that comes after each."""
    told: dict[date, int] = {}
    tellings: list[Telling] = []
    for close in closings:
        judgement, left = stage.coming(close)
        urgency = (left <= WARNED) + (left <= REMINDED)
        if urgency > told.get(judgement, 0) and _dormant(episode, judgement):
            step: Step = "updated" if judgement in told else "raised"
            told[judgement] = urgency
            summary = f"再过{left}个交易日（{judgement}）将被认定为休眠账户"
            facts = (f"{judgement}", f"{left}个交易日", *_shown(episode))
            tellings.append(Telling(step, KIND, summary, facts, alert=f"{judgement}", loud=False))
    return tuple(tellings)


def _dormant(episode: Episode, judgement: date) -> bool:
    past, year = episode.past, year_before(judgement)
    if past is None or Decimal(episode.opening or 0) > EQUITY:
        return False
    return past.opened_on <= year and not any(
        last is not None and last >= year for last in (past.last_trade_on, past.last_position_on)
    )


def _shown(episode: Episode) -> tuple[str, ...]:
    past = episode.past or Past(OLD)
    whole, _, rest = str(episode.opening).partition(".")
    equity = f"{int(whole):,}.{rest.rstrip('0').ljust(2, '0')}元"
    return (equity, f"{past.opened_on}", f"{past.last_trade_on or '无记录'}")
