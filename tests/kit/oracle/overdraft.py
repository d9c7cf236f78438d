"""连续透支: consecutive_overdraft (A2)."""

from datetime import date
from decimal import Decimal

from tests.kit.oracle.case import Case
from tests.kit.oracle.history import Client
from tests.kit.oracle.memory import Said
from tests.kit.oracle.words import Run

RULE = "consecutive_overdraft"


def snapshotted(case: Case) -> None:
    """A snapshot may begin a run or make it longer, never take it back."""
    client, day = case.client, case.day
    if not case.before.news or not client.unsettled(day):
        return
    client.runs = _runs(case)
    for run in client.runs:
        told = client.memory.level(RULE, run.first.isoformat())
        if run.last == day and _reached(case, run) and run.days > told:
            _say(case, "updated", run)


def settled(case: Case) -> None:
    client = case.client
    was, now = client.runs, _runs(case)
    client.runs = now
    reached = {run.first: run for run in now if _reached(case, run)}
    standing = {date.fromisoformat(name): said for name, said in client.memory.standing(RULE)}
    for first in sorted(standing):
        end = _last_day(case, first, standing[first], was)
        if first not in reached and case.day_before(first) <= case.day <= end:
            case.say("withdrawn", RULE, first)
    for first, run in sorted(reached.items()):
        said = standing.get(first)
        told_of = said is not None and first <= case.day <= _last_day(case, first, said, was)
        if told_of or run not in was or first <= case.day <= run.last:
            _judge(case, run, said)


def closed(case: Case) -> None:
    """Of a run that ends with the closed day, or before, what was settled is left."""
    client = case.client
    was, client.runs = client.runs, _runs(case)
    left = {run.first: run for run in client.runs if _reached(case, run)}
    for name, said in client.memory.standing(RULE):
        first = date.fromisoformat(name)
        if said.final or _last_day(case, first, said, was) > case.day:
            continue
        if first in left:
            _judge(case, left[first], said)
        else:
            case.say("withdrawn", RULE, name)


def _judge(case: Case, run: Run, said: Said | None) -> None:
    same = said is not None and (said.level, said.figure) == (run.days, run.total)
    if said is None:
        _say(case, "raised", run)
    elif run.days > said.level:
        _say(case, "updated", run)
    elif _provisional(case.client, run):
        return
    elif not same:
        _say(case, "amended", run)
    elif not said.final:
        _say(case, "confirmed", run)


def _say(case: Case, step: str, run: Run) -> None:
    more = {"level": run.days, "figure": run.total, "provisional": _provisional(case.client, run)}
    case.say(step, RULE, run.first, **more)


def _reached(case: Case, run: Run) -> bool:
    return run.days >= case.lines.days and run.total >= case.lines.total


def _provisional(client: Client, run: Run) -> bool:
    return client.unsettled(run.last)


def _last_day(case: Case, first: date, said: Said, was: list[Run]) -> date:
    """Return the last day of a run: as it was told or as it was known, whichever is later."""
    known = [run.last for run in was if run.first == first]
    told = case.calendar.after(first, said.level - 1) if said.level > 1 else first
    return max([told, *known])


def _runs(case: Case) -> list[Run]:
    """Return all runs of what is known now, in their order."""
    missing = _missing(case.client)
    runs: list[Run] = []
    for day in sorted(missing):
        if runs and case.day_before(day) == runs[-1].last:
            was = runs.pop()
            runs.append(Run(was.first, day, was.days + 1, was.total + missing[day]))
        else:
            runs.append(Run(day, day, 1, missing[day]))
    return runs


def _missing(client: Client) -> dict[date, Decimal]:
    """Return what was missing on each day: settled, or not settled yet and seen intraday."""
    seen = {day: one.available for day, one in client.snapshots.items() if client.unsettled(day)}
    seen |= {day: one.available for day, one in client.settlements.items()}
    return {day: -available for day, available in seen.items() if available < 0}
