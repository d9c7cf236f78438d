"""抽取 — whom the rules and the draw name, and which tasks that makes. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from services.profile.domain.visits import RULES, Figures, Rules

SAMPLE = "S001"
"""抽样 — beside the rules."""
LISTED = "L001"
"""名单 — a client on a list that somebody brought."""


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


class Drawing:
    """A selection in the making: clients are judged as they come, those who are named are kept."""

    def __init__(self, rules: Rules, day: date, seed: str) -> None:
        self._rules, self._day, self._seed = rules, day, seed
        self._reasons: dict[str, tuple[str, ...]] = {}
        self._met, self._unknown = dict.fromkeys(RULES, 0), dict.fromkeys(RULES, 0)
        self._seen: list[str] = []

    def judge(self, clients: Iterable[Figures]) -> None:
        """Judge some more; each client comes once."""
        for client in clients:
            self._seen.append(client.customer_id)
            verdicts = {name: rule(client, self._rules, self._day) for name, rule in RULES.items()}
            for name, verdict in verdicts.items():
                self._met[name] += verdict is True
                self._unknown[name] += verdict is None
            if mine := tuple(name for name, verdict in verdicts.items() if verdict):
                self._reasons[client.customer_id] = mine

    def selection(self) -> Selection:
        """Return whom the rules and the sample name; several reasons of one are one entry."""
        drawn = sample(self._seen, self._rules.sample, self._seed)
        reasons = self._reasons | {
            one: (*self._reasons.get(one, ()), SAMPLE) for one in sorted(drawn)
        }
        tallies = {name: Tally(self._met[name], self._unknown[name]) for name in RULES}
        tallies[SAMPLE] = Tally(len(drawn))
        return Selection(reasons, tallies, len(self._seen))


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


def _rank(client: str, seed: str) -> bytes:
    return hashlib.sha256(f"{seed}|{client}".encode()).digest()
