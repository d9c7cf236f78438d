"""One seed, one scenario: a story, and a fate for every batch of it; judged by the oracle."""

import random
import re
from typing import Any

from services.mot.adapters.checkpoint import Fenced
from services.mot.rules import read_rules
from shared.contracts.trading import TradingEvent
from tests.fault.rulechange import RuleChanges
from tests.fault.verdict import LOG_ZEROS, Wanted, judge_log
from tests.kit.reference import Oracle
from tests.sim.story import Story
from tests.sim.world import Crash, Died, Said, Worker, World

RULES = read_rules()
EVENTS, BATCH = 12, 4
REPEATED, ZOMBIES, ROLLED_BACK, CRASHED, PUBLISHED, LEARNT = 0.1, 0.1, 0.05, 0.3, 0.1, 0.5
NAMES = sorted(RULES.detectors)
CRASHES = tuple(Crash)
VERSION = re.compile(rb'"rule_version":\d+')
ZEROS = (*LOG_ZEROS, "apart")


class Scenario:
    """Plays one seed to its end; ``fates`` counts what befell the workers."""

    def __init__(self, seed: int, events: int = EVENTS) -> None:
        self._chance = random.Random(seed)  # noqa: S311 a scenario, not a secret
        self._events = events
        self.world = World(RULES)
        self._changes = RuleChanges()
        self.fates: dict[str, int] = {}

    def play(self) -> dict[str, Any]:
        """Return the verdict of ``judge_log``, and how many alerts an undisturbed run has apart.

        All of ``ZEROS`` are zero when mot is right.
        """
        told = Story(self._chance).log(self._events)
        self._fill(told)
        worker, zombies = self.world.worker(), list[Worker]()
        while worker.behind:
            chance = self._chance.random()
            if chance < ZOMBIES:
                self._note("zombie")
                zombies.append(worker)
                worker = self.world.worker()
            elif chance < ZOMBIES + ROLLED_BACK:
                self._note("rolled back")
                self.world.valkey.roll_back(self._chance.randrange(1, 4))
            self._rules_change(worker)
            if zombies and self._chance.random() < 0.5:
                self._step(zombies.pop())
            if not self._step(worker):
                worker = self.world.worker()
        for zombie in zombies:
            self._step(zombie)
        apart = len(plain(self.world.said) ^ plain(self._undisturbed()))
        return {**judge_log(self.world.said, wanted(told)), "apart": apart}

    def _undisturbed(self) -> list[Said]:
        """Return what one worker says that nothing befalls."""
        world = World(RULES, log=self.world.log)
        world.worker().step(len(world.log))
        return world.said

    def _fill(self, told: list[TradingEvent]) -> None:
        for event in told:
            self.world.append(event)
            if self._chance.random() < REPEATED:
                self.world.repeat(self._chance.randrange(len(self.world.log)))

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


def plain(said: list[Said]) -> set[bytes]:
    """Return the alerts but for the versions of their rules, which the published ones change."""
    return {VERSION.sub(b'"rule_version":0', alert.value) for alert in said}


def wanted(told: list[TradingEvent]) -> list[Wanted]:
    """Return what the oracle expects of the events, under every rule."""
    oracle = Oracle(rules=frozenset(RULES.detectors))
    return [Wanted(alert, n) for n, event in enumerate(told) for alert in oracle.tell(event)]


def is_wrong(verdict: dict[str, Any]) -> bool:
    """Tell whether anything was lost, made up, said twice, out of order or in other words."""
    return any(verdict[word] for word in ZEROS)
