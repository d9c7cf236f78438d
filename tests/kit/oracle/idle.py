"""沉默客户: idle_account (A9)."""

from datetime import date

from tests.kit.oracle.case import Case
from tests.kit.oracle.history import FUNDED_BEFORE, Client

RULE = "idle_account"


def daily(case: Case) -> None:
    """The daily judgement: at the newest settlement of an account, and at the day's close."""
    client, lines, settled = case.client, case.lines, case.client.last_settlement()
    last = _since(client, client.traded_on, client.funded)
    if not case.before.news or last is None or client.lots or settled is None:
        return
    level = (case.distance(last, case.day) - lines.idle_days) // lines.idle_week + 1
    told = client.memory.level(RULE, last.isoformat())
    if settled.equity > lines.idle_equity and told < level <= lines.idle_weeks:
        case.say("updated", RULE, last, level=level)


def traded(case: Case) -> None:
    """The event that brings another last trade takes back what was said of those before.

    So does the one that takes the first deposit back of a client who has never traded.
    """
    client, before = case.client, case.before
    was = _since(client, before.traded_on, before.funded)
    if was != _since(client, client.traded_on, client.funded):
        for name, _ in case.client.memory.standing(RULE):
            case.say("withdrawn", RULE, name)


def _since(client: Client, traded: date | None, funded: date | None) -> date | None:
    """Return the last trade, or the first deposit of who is known never to have traded."""
    if traded is not None or client.opened_on is None or funded == FUNDED_BEFORE:
        return traded
    return funded
