"""The seeded simulator in its short form, and proof that it sees what it is there to see."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from services.mot.adapters.checkpoint import Fenced
from services.mot.partition import Advance
from tests.sim import world
from tests.sim.__main__ import play
from tests.sim.scenario import ZEROS, Scenario, is_wrong
from tests.sim.world import Crash, Kept, Valkey

SEEDS = 300
FATES = {*map(str, Crash), "zombie", "fenced", "rolled back", "rule version"}


def faulty(seeds: int) -> Counter[str]:
    """Return how many scenarios show each defect."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        verdict = Scenario(seed).play()
        found.update(word for word in ZEROS if verdict[word])
    return found


def test_no_fate_changes_what_is_said_and_the_oracle_says_it_too() -> None:
    assert not faulty(SEEDS)


def test_every_fate_befalls_and_every_scenario_counts() -> None:
    played = play(0, 100)
    assert set(played.fates) == FATES
    assert played.expected > 500


def _forgets(self: Valkey, seen: Kept, done: Any, touched: Any) -> Kept:
    return _write(self, seen, done, dict(list(touched.items())[1:]))


def _forgets_rules(self: Valkey, seen: Kept, done: Any, touched: Any) -> Kept:
    return _write(self, seen, done._replace(rules=""), touched)


_write = Valkey.write
DEFECTS: dict[str, Callable[..., Kept]] = {
    "a checkpoint that loses a state": _forgets,
    "a checkpoint that forgets its rules": _forgets_rules,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_seen(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.Valkey, "write", DEFECTS[defect])
    assert any(is_wrong(Scenario(seed).play()) for seed in range(SEEDS * 3))


def test_a_zombies_checkpoint_is_refused() -> None:
    valkey = Valkey()
    zombie = valkey.take_over()
    valkey.take_over()
    with pytest.raises(Fenced):
        valkey.write(zombie, Advance(0, 0, "", ""), {})
