"""One seed, one scenario: a story, and a fate for every batch of it; judged by the oracle.

``FATES`` seeds in a row share a story: what the oracle says of it, and what a worker that nothing
befalls says, is found once.
"""

import random
import re
from functools import lru_cache
from typing import Any, NamedTuple

from services.mot.adapters.checkpoint import Fenced
from services.mot.rulebook import Rulebook
from services.mot.rules import read_rules
from shared.contracts.trading import TradingEvent
from tests.fault.rulechange import RuleChanges
from tests.fault.verdict import LOG_ZEROS, Wanted, judge_log
from tests.kit.reference import Oracle
from tests.sim.once import Said
from tests.sim.story import Story
from tests.sim.world import Crash, Died, Record, Worker, World

RULES = read_rules()
BOOK = Rulebook(RULES)
EVENTS, BATCH, FATES = 12, 4, 100
REPEATED, ZOMBIES, ROLLED_BACK, CRASHED, PUBLISHED, LEARNT = 0.1, 0.1, 0.05, 0.3, 0.1, 0.5
NAMES = sorted(RULES.detectors)
CRASHES = tuple(Crash)
VERSION = re.compile(rb'"rule_version":\d+')
ZEROS = (*LOG_ZEROS, "apart")


class Tale(NamedTuple):
    """A story's ``log``, what the oracle expects, and what is said when nothing befalls."""

    log: tuple[Record, ...]
    wanted: list[Wanted]
    undisturbed: frozenset[bytes]


@lru_cache(maxsize=1)
def tale(seed: int, events: int) -> Tale:
    """Return a story of so many events; some of its records stand in the log twice."""
    chance = random.Random(seed)  # noqa: S311 a story, not a secret
    told = Story(chance).log(events)
    world = World(BOOK)
    for event in told:
        world.append(event)
        if chance.random() < REPEATED:
            world.repeat(chance.randrange(len(world.log)))
    world.worker().step(len(world.log))
    return Tale(tuple(world.log), wanted(told), frozenset(map(plain, world.said)))


class Scenario:
    """Plays one seed to its end; ``fates`` counts what befell the workers."""

    def __init__(self, seed: int, events: int = EVENTS) -> None:
        self._chance = random.Random(seed)  # noqa: S311 a scenario, not a secret
        self._tale = tale(seed // FATES, events)
        self.world = World(BOOK, log=list(self._tale.log))
        self._changes = RuleChanges()
        self._forgot: int | None = None  # how much was said when Valkey was first set back
        self.fates: dict[str, int] = {}

    def play(self) -> dict[str, Any]:
        """Return the verdict of ``judge_log``, and how many alerts an undisturbed run has apart.

        All of ``ZEROS`` are zero when mot is right.
        """
        worker, zombies = self.world.worker(), list[Worker]()
        while worker.behind:
            chance = self._chance.random()
            if chance < ZOMBIES:
                self._note("zombie")
                zombies.append(worker)
                worker = self.world.worker()
            elif chance < ZOMBIES + ROLLED_BACK:
                self._note("rolled back")
                self._forgot = len(self.world.said) if self._forgot is None else self._forgot
                self.world.valkey.roll_back(self._chance.randrange(1, 4))
            self._rules_change(worker)
            if zombies and self._chance.random() < 0.5:
                self._step(zombies.pop())
            if not self._step(worker):
                worker = self.world.worker()
        for zombie in zombies:
            self._step(zombie)
        apart = len({plain(said) for said in self.world.said} ^ self._tale.undisturbed)
        return {**judge_log(self._heard(), self._tale.wanted), "apart": apart}

    def _heard(self) -> list[Said]:
        """Return what was said, as it must be the same each time it is said.

        A Valkey that was set back has forgotten which versions of the rules it had recorded: from
        then on an alert may be said again with another one. Consumers drop it by its id.
        """
        if self._forgot is None:
            return self.world.said
        strict, later = self.world.said[: self._forgot], self.world.said[self._forgot :]
        first: dict[bytes, Said] = {}
        for said in self.world.said:
            first.setdefault(plain(said), said)
        return [*strict, *(first[plain(said)] for said in later)]

    def _step(self, worker: Worker) -> bool:
        """Let a worker take some records; tell whether it lives."""
        crash = self._chance.choice(CRASHES) if self._chance.random() < CRASHED else None
        try:
            worker.step(self._chance.randrange(1, BATCH + 1), crash)
        except Died:
            self._note(str(crash))
            return False
        except Fenced:
            self._note("fenced")
            return False
        return True

    def _rules_change(self, worker: Worker) -> None:
        """Now and then somebody publishes a version, and sooner or later the worker reads it."""
        if self._chance.random() < PUBLISHED:
            self._note("rule version")
            version = self._changes.next(self._chance.choice(NAMES))
            self.world.published.append(version.encode())
        if self._chance.random() < LEARNT:
            worker.learn()

    def _note(self, fate: str) -> None:
        self.fates[fate] = self.fates.get(fate, 0) + 1


@lru_cache(maxsize=10_000)
def plain(said: Said) -> bytes:
    """Return an alert but for the version of its rule, which the published ones change."""
    return VERSION.sub(b'"rule_version":0', said.value)


def wanted(told: list[TradingEvent]) -> list[Wanted]:
    """Return what the oracle expects of the events, under every rule."""
    oracle = Oracle(rules=frozenset(RULES.detectors))
    return [Wanted(alert, n) for n, event in enumerate(told) for alert in oracle.tell(event)]


def is_wrong(verdict: dict[str, Any]) -> bool:
    """Tell whether anything was lost, made up, said twice, out of order or in other words."""
    return any(verdict[word] for word in ZEROS)
