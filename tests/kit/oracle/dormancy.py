"""临近休眠 and 休眠重激活: near_dormancy, dormancy_reactivation (A5)."""

from datetime import date, timedelta

from shared.contracts.trading import Settlement
from shared.kernel.trading_day import JUDGEMENT_DAY_OF_MONTH, Calendar
from tests.kit.oracle.case import Case, years_before
from tests.kit.oracle.history import ZERO

NEAR, WOKEN = "near_dormancy", "dormancy_reactivation"


def daily(case: Case) -> None:
    """The daily judgement: at the newest settlement of an account, and at the day's close."""
    if not case.before.news:
        return
    judgement = case.calendar.judgement_day(case.calendar.after(case.day))
    left, lines = case.calendar.distance(case.day, judgement), case.lines
    level = (left <= lines.raise_before) + (left <= lines.remind_before)
    told = case.client.memory.level(NEAR, judgement.isoformat())
    if level > told and _dormant(case, judgement):
        case.say("updated", NEAR, judgement, level=level)


def anything(case: Case) -> None:
    """Whatever makes the account not near takes the alert back, up to the judgement day."""
    for name, _ in case.client.memory.standing(NEAR):
        judgement = date.fromisoformat(name)
        if judgement >= case.day and not _dormant(case, judgement):
            case.say("withdrawn", NEAR, name)


def _dormant(case: Case, judgement: date) -> bool:
    """Say whether that judgement day would find the account dormant, by what is known now."""
    client, settled = case.client, case.client.last_settlement()
    if client.opened_on is None or settled is None or client.lots:
        return False
    year = years_before(judgement, case.lines.years)
    coming = sum((v for day, v in client.deposited.items() if client.unsettled(day)), ZERO)
    coming -= sum((v for day, v in client.withdrawn.items() if client.unsettled(day)), ZERO)
    return (
        client.opened_on <= year
        and _before(client.traded_on, year)
        and _before(client.held_on, year)
        and settled.equity + max(ZERO, coming) <= case.lines.equity
    )


def traded(case: Case) -> None:
    """A trade on a new last day of trading, by an account that was dormant until then."""
    client, before = case.client, case.before
    if not before.news or client.traded_on == before.traded_on or client.traded_on != case.day:
        return
    line = years_before(judged_last(case.calendar, case.day), case.lines.woken_years)
    if (
        client.opened_on is not None
        and client.opened_on <= line
        and _before(before.traded_on, line)
        and _before(before.held_on, line)
        and _was_poor(case)
    ):
        case.say("raised", WOKEN, case.day)


def _was_poor(case: Case) -> bool:
    """Say whether a settlement after the trade before told of little, before this event."""
    told, since = case.client.equities, case.before.traded_on
    told = told[:-1] if isinstance(case.data, Settlement) else told
    equities = [equity for day, equity in told if since is None or day > since]
    return bool(equities) and min(equities) <= case.lines.woken_equity


def judged_last(calendar: Calendar, day: date) -> date:
    """休眠认定日 — the last one on or before a day."""
    this_month = calendar.on_or_after(day.replace(day=JUDGEMENT_DAY_OF_MONTH))
    if this_month <= day:
        return this_month
    last_month = day.replace(day=1) - timedelta(days=1)
    return calendar.on_or_after(last_month.replace(day=JUDGEMENT_DAY_OF_MONTH))


def _before(day: date | None, line: date) -> bool:
    return day is None or day < line
