"""入金: first_deposit, unfunded_account (A9)."""

from tests.kit.oracle.case import Case

FIRST, UNFUNDED = "first_deposit", "unfunded_account"
EPISODE = "first"


def deposited(case: Case) -> None:
    if case.before.funded is None and case.client.opened_on is not None:
        case.say("raised", FIRST, EPISODE)


def taken_back(case: Case) -> None:
    if case.before.funded is not None and case.client.funded is None:
        case.say("withdrawn", FIRST, EPISODE)


def daily(case: Case) -> None:
    """The daily judgement: at the newest settlement of an account, and at the day's close."""
    client, lines = case.client, case.lines
    opened = client.opened_on
    if not case.before.news or client.funded or opened is None or opened > case.day:
        return
    waited = lines.unfunded_from <= case.distance(opened, case.day) <= lines.unfunded_to
    if waited and not client.memory.level(UNFUNDED, opened.isoformat()):
        case.say("raised", UNFUNDED, opened)


def funded(case: Case) -> None:
    """The event that brings the first money takes it back."""
    if case.client.funded is not None and case.before.funded is None:
        for name, _ in case.client.memory.standing(UNFUNDED):
            case.say("withdrawn", UNFUNDED, name)
