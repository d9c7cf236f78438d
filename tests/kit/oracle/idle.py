"""沉默客户: idle_account (A9)."""

from tests.kit.oracle.case import Case

RULE = "idle_account"


def daily(case: Case) -> None:
    """The daily judgement: at the newest settlement of an account, and at the day's close."""
    client, lines, settled = case.client, case.lines, case.client.last_settlement()
    last = client.traded_on
    if not case.before.news or last is None or client.lots or settled is None:
        return
    level = (case.distance(last, case.day) - lines.idle_days) // lines.idle_week + 1
    told = client.memory.level(RULE, last.isoformat())
    if settled.equity > lines.idle_equity and told < level <= lines.idle_weeks:
        case.say("updated", RULE, last, level=level)


def traded(case: Case) -> None:
    """The event that brings another last trade takes back what was said of those before."""
    if case.before.traded_on != case.client.traded_on:
        for name, _ in case.client.memory.standing(RULE):
            case.say("withdrawn", RULE, name)
