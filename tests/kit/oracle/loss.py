"""大额亏损 and 单日回撤: weekly_loss (A4), daily_drawdown (A8)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.contracts.trading import Settlement
from tests.kit.oracle.case import Case
from tests.kit.oracle.history import ZERO, Client

WEEK, DAY = "weekly_loss", "daily_drawdown"
OVER = -1


class Result(NamedTuple):
    """盯市盈亏 of a settled day, with what it began with (if known) and what came in."""

    profit: Decimal
    opening: Decimal | None
    deposited: Decimal


def week_settled(case: Case) -> None:
    if not case.before.news:
        return
    standing = [name for name, _ in case.client.memory.standing(WEEK)]
    lost = _lost(case)
    if lost is not None and not standing:
        case.say("raised", WEEK, case.day, figure=lost)
    elif standing:
        _go_on(case, standing[0], lost)


def _go_on(case: Case, episode: str, lost: Decimal | None) -> None:
    today = episode == case.day.isoformat()
    said = case.client.memory.of(WEEK, episode)
    if lost is not None and today and said is not None and said.figure != lost:
        case.say("amended", WEEK, episode, figure=lost)
    elif lost is not None:
        case.say("noted", WEEK, episode)
    elif today:
        case.say("withdrawn", WEEK, episode)
    else:
        case.say("noted", WEEK, episode, level=OVER)


def _lost(case: Case) -> Decimal | None:
    """Return the week's loss when it is deep enough, else None."""
    results = [result for day in _week(case) if (result := _result(case.client, day))]
    opening = results[0].opening if results else None
    if opening is None:
        return None
    loss = -sum((result.profit for result in results), ZERO)
    base = opening + sum((result.deposited for result in results), ZERO)
    deep = base > 0 and loss > case.lines.loss_floor and loss >= case.lines.loss_share * base
    return loss if deep else None


def _week(case: Case) -> list[date]:
    """Return the last trading days up to the settled one, oldest first."""
    days = [case.day]
    while len(days) < case.lines.loss_days:
        days.append(case.day_before(days[-1]))
    return days[::-1]


def _result(client: Client, day: date) -> Result | None:
    body = client.settlements.get(day)
    if body is None:
        return None
    opening = client.opening(day)
    came, went = client.moved(day, body)
    profit = _told_profit(body)
    if profit is None and opening is not None:
        profit = body.equity - opening + went - came
    return None if profit is None else Result(profit, opening, came)


def _told_profit(body: Settlement) -> Decimal | None:
    if body.close_profit is None or body.position_profit is None:
        return None
    return body.close_profit + body.position_profit - (body.commission or ZERO)


def day_snapshotted(case: Case) -> None:
    """Once a day: what the settlement has taken back, only a settlement raises again."""
    known = case.client.memory.of(DAY, case.day.isoformat())
    if known or not case.before.news or not case.client.unsettled(case.day):
        return
    if (last := case.client.settled) is None or last < case.day_before(case.day):
        return  # in the night before the last day is settled nobody knows what this one began with
    fall = _fall(case)
    if fall is not None:
        case.say("raised", DAY, case.day, figure=fall, provisional=True)


def day_settled(case: Case) -> None:
    if case.client.opening(case.day) is None:
        case.unjudged(DAY)
        return
    fall = _fall(case)
    case.settle(DAY, fall is not None, figure=fall)


def _fall(case: Case) -> int | None:
    """Return the fall in basis points of its base when it is deep enough, else None."""
    opening = case.client.opening(case.day)
    came, went = case.client.moved(case.day, case.data)
    base = (opening or ZERO) + came
    fall = base - went - case.data.equity
    if opening is None or base <= 0 or fall <= case.lines.drawdown_share * base:
        return None
    return int(fall * 10_000 // base)
