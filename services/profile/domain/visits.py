"""投资者回访 — whom to visit, and why. Pure; money in whole 厘.

A figure that no source tells is 未知 (``None``): counted by rule, never taken for a no.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from types import MappingProxyType

from services.profile.domain.visit_people import age

SAMPLE = "S001"
"""抽样 — beside the rules."""


@dataclass(frozen=True)
class Rules:
    """The parameters. ``sample``: the part of all clients that is drawn."""

    sample: Decimal
    opened_days: int
    loss: int
    loss_ratio: Decimal
    over: int
    savings: tuple[str, ...]
    jobless: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What is known of a client. ``loss`` is of the period; ``base``: equity before, and deposits.

    ``person``: a natural person; no rule on age, income or occupation speaks of another.
    """

    customer_id: str
    person: bool
    opened_on: date | None = None
    loss: int | None = None
    base: int | None = None
    birthday: date | None = None
    income: str | None = None
    occupation: str | None = None
    risky: bool | None = None


Judge = Callable[[Figures, Rules, date], bool | None]


def new_account(client: Figures, rules: Rules, day: date) -> bool | None:
    """A001 新开户 — the latest account was opened less than so many days ago."""
    if client.opened_on is None:
        return None
    return day - timedelta(days=rules.opened_days) < client.opened_on <= day


def large_loss(client: Figures, rules: Rules, day: date) -> bool | None:
    """A002 大额亏损 — more than the amount, or more than the ratio of what was there."""
    if client.loss is None:
        return None
    if client.loss > rules.loss:
        return True
    if client.loss <= 0:
        return False
    return None if client.base is None else client.loss > rules.loss_ratio * client.base


def elderly(client: Figures, rules: Rules, day: date) -> bool | None:
    """A003 老年交易者 — older than so many full years."""
    if not client.person:
        return False
    return None if client.birthday is None else age(client.birthday, day) > rules.over


def on_savings(client: Figures, rules: Rules, day: date) -> bool | None:
    """A004 依靠积蓄、社保 — the income says one of the words."""
    return _says(client, client.income, rules.savings)


def jobless(client: Figures, rules: Rules, day: date) -> bool | None:
    """A005 无业 — the occupation says one of the words."""
    return _says(client, client.occupation, rules.jobless)


def risky_product(client: Figures, rules: Rules, day: date) -> bool | None:
    """A006 高风险品种 — one is held."""
    return client.risky


RULES: Mapping[str, Judge] = MappingProxyType(
    {
        "A001": new_account,
        "A002": large_loss,
        "A003": elderly,
        "A004": on_savings,
        "A005": jobless,
        "A006": risky_product,
    }
)


@dataclass(frozen=True)
class Tally:
    """How many clients a rule met, and of how many it is 未知."""

    met: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Selection:
    """Whom to visit: client → the rules, sorted; and the count of every rule."""

    reasons: Mapping[str, tuple[str, ...]]
    tallies: Mapping[str, Tally]
    clients: int


@dataclass(frozen=True)
class Task:
    """A task of the year: ``round`` counts a client's from one; ``done``: visited with success."""

    customer_id: str
    round: int
    rules: frozenset[str]
    done: bool = False


def select(clients: Collection[Figures], rules: Rules, day: date, seed: str) -> Selection:
    """Return whom the rules and the sample name; several reasons of one client are one entry."""
    drawn = sample((one.customer_id for one in clients), rules.sample, seed)
    reasons: dict[str, tuple[str, ...]] = {}
    met, unknown = dict.fromkeys(RULES, 0), dict.fromkeys(RULES, 0)
    for client in clients:
        verdicts = {name: judge(client, rules, day) for name, judge in RULES.items()}
        for name, verdict in verdicts.items():
            met[name] += verdict is True
            unknown[name] += verdict is None
        mine = [name for name, verdict in verdicts.items() if verdict]
        mine += [SAMPLE] * (client.customer_id in drawn)
        if mine:
            reasons[client.customer_id] = tuple(mine)
    tallies = {name: Tally(met[name], unknown[name]) for name in RULES}
    return Selection(reasons, {**tallies, SAMPLE: Tally(len(drawn))}, len(clients))


def sample(clients: Iterable[str], ratio: Decimal, seed: str) -> frozenset[str]:
    """Return the part that is drawn, rounded up: the same for the same seed, whatever the order.

    >>> sorted(sample((f"c{n}" for n in range(20)), Decimal("0.1"), "2026"))
    ['c1', 'c11']
    """
    ranked = sorted(clients, key=lambda one: (_rank(one, seed), one))
    return frozenset(ranked[: ceil(len(ranked) * ratio)])


def merge(selection: Selection, known: Iterable[Task]) -> list[Task]:
    """Return the tasks with the reasons that are new: an open task of the year gets them.

    After a success only a reason which none of the year's tasks had opens another round.
    """
    latest: dict[str, Task] = {}
    had: dict[str, frozenset[str]] = {}
    for task in sorted(known, key=lambda one: one.round):
        latest[task.customer_id] = task
        had[task.customer_id] = had.get(task.customer_id, frozenset()) | task.rules
    found = []
    for client, reasons in selection.reasons.items():
        fresh = frozenset(reasons) - had.get(client, frozenset())
        last = latest.get(client)
        number = 1 if last is None else last.round + last.done
        if fresh:
            found.append(Task(client, number, fresh))
    return found


def _says(client: Figures, told: str | None, words: Iterable[str]) -> bool | None:
    if not client.person:
        return False
    return any(word in told for word in words) if told else None


def _rank(client: str, seed: str) -> bytes:
    return hashlib.sha256(f"{seed}|{client}".encode()).digest()
