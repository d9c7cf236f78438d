"""到期: rebate_expiry (A6), suitability_expiry and certificate_expiry (A10)."""

from datetime import date

from tests.kit.oracle.case import Case
from tests.kit.oracle.words import End


def daily(case: Case, rule: str) -> None:
    """The daily judgement: at the newest settlement of an account, and at the day's close."""
    if case.before.news:
        for end, until in case.client.ends.items():
            if end.rule == rule:
                _judge(case, end, until)


def dated(case: Case, rule: str) -> None:
    """An event brings a date, perhaps in the place of another one."""
    for end, was in case.before.ends:
        if end.rule == rule:
            until = case.client.ends[end]
            if was is not None and was != until and was >= case.day:
                case.say("withdrawn", rule, _episode(end, was))
            _judge(case, end, until)


def _judge(case: Case, end: End, until: date | None) -> None:
    if until is None or until < case.day:
        return
    left, lines = case.distance(case.day, until), case.lines
    level = (left <= lines.expiry_raise_before) + (left <= lines.expiry_remind_before)
    if until > case.calendar.last:
        level = 0  # further away than anybody can count
    if level > case.client.memory.level(end.rule, _episode(end, until)):
        case.say("updated", end.rule, _episode(end, until), level=level)


def _episode(end: End, until: date) -> str:
    return f"{end.kind}-{end.starts_on or '-'}-{until}" if end.kind else f"{until}"
