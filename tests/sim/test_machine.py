"""Any order of things that can befall mot's workers, found by Hypothesis.

Nothing is lost, nothing is said twice in other words, and each account's order holds.
"""

import random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.mot.adapters.checkpoint import Fenced
from tests.fault.rulechange import RuleChanges
from tests.fault.verdict import judge_log
from tests.sim.once import Said
from tests.sim.scenario import BOOK, NAMES, plain
from tests.sim.story import Story
from tests.sim.world import Crash, Died, Worker, World

SOME = st.integers(1, 4)
quiet = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Life(RuleBasedStateMachine):
    """One partition's life: its log grows, its worker works, dies, is replaced and comes back."""

    @initialize(seed=st.integers(0, 10_000))
    def begin(self, seed: int) -> None:
        self.world, self.changes = World(BOOK), RuleChanges()
        self.story = Story(random.Random(seed))  # noqa: S311 a story, not a secret
        self.worker, self.zombies = self.world.worker(), list[Worker]()

    @rule(events=SOME)
    def tell(self, events: int) -> None:
        for event in self.story.log(events):
            self.world.append(event)

    @precondition(lambda self: self.world.log)
    @rule(back=st.integers(0, 50))
    def repeat(self, back: int) -> None:
        self.world.repeat(-1 - back % len(self.world.log))

    @rule(records=SOME)
    def work(self, records: int) -> None:
        self._step(self.worker, records, None)

    @rule(records=SOME, crash=st.sampled_from(Crash))
    def crash(self, records: int, crash: Crash) -> None:
        self._step(self.worker, records, crash)

    @rule()
    def freeze_while_another_takes_over(self) -> None:
        self.zombies.append(self.worker)
        self.worker = self.world.worker()

    @precondition(lambda self: self.zombies)
    @rule(records=SOME)
    def thaw(self, records: int) -> None:
        self._step(self.zombies.pop(), records, None)

    @rule(states=st.integers(1, 4))
    def valkey_loses_its_last_moments(self, states: int) -> None:
        self.world.valkey.roll_back(states)

    @rule(name=st.sampled_from(NAMES))
    def publish_a_rule(self, name: str) -> None:
        self.world.published.append(self.changes.next(name).encode())

    @rule()
    def learn_the_rules(self) -> None:
        self.worker.learn()

    @invariant()
    def nothing_is_said_twice_or_out_of_order(self) -> None:
        found = judge_log(self.world.said, [])
        words = ("log_twice", "log_disorder", "log_changed")
        assert {word: found[word] for word in words} == dict.fromkeys(words, 0)

    def teardown(self) -> None:
        """Let it come to its end, and compare with a life in which nothing happened."""
        if not hasattr(self, "world"):
            return
        while self.worker.behind:
            self._step(self.worker, 4, None)
        for zombie in self.zombies:
            self._step(zombie, 4, None)
        assert set(map(plain, self.world.said)) == set(map(plain, self._undisturbed()))

    def _step(self, worker: Worker, records: int, crash: Crash | None) -> None:
        try:
            worker.step(records, crash)
        except (Died, Fenced):
            if worker is self.worker:
                self.worker = self.world.worker()

    def _undisturbed(self) -> list[Said]:
        world: Any = World(BOOK, log=self.world.log)
        world.worker().step(max(1, len(world.log)))
        said: list[Said] = world.said
        return said


def test_no_life_loses_or_repeats_anything() -> None:
    run_state_machine_as_test(Life, settings=quiet)
