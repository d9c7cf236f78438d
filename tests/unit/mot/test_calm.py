"""平静 — a family that says it is calm has nothing to say: asking each changes nothing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.mot.domain.account import EMPTY, Account
from services.mot.domain.detector import Calm
from services.mot.domain.events import TradingEvent
from services.mot.domain.reading import read
from services.mot.domain.watch import Listeners, Origin, Rules, watch
from services.mot.rules import read_rules
from tests.sim.story import Story

RULES = read_rules()
EVENTS = 60


@dataclass(frozen=True)
class Looking(Rules):
    """The same rules, but every family looks like this; None: every rule is asked."""

    calm: Calm | None = None

    def _listeners(self, of_feed: bool) -> Listeners:
        table = super()._listeners(of_feed)
        return {t: [f._replace(calm=self.calm) for f in table[t]] for t in table}


EACH = Looking(RULES.detectors, RULES.calendar)


def told(seed: int) -> Iterator[TradingEvent]:
    """Return a story's events as mot reads them; its two clients are one here."""
    chance = random.Random(seed)  # noqa: S311 a story, not a secret
    for event in Story(chance).log(EVENTS):
        made = read(event.subject.encode(), event.encode())
        if made is not None and event.subject != "clock":
            yield made


@pytest.mark.parametrize("seed", range(40))
def test_who_is_spared_had_nothing_to_say(seed: int) -> None:
    account: Account = EMPTY
    spared = 0
    for offset, event in enumerate(told(seed)):
        origin = Origin("demo:1", 0, offset)
        done = watch(account, event, RULES, origin)
        assert done == watch(account, event, EACH, origin)
        spared += sum(
            family.calm is not None and family.calm(event, account, done.account, RULES.calendar)
            for family in RULES.listeners[type(event)]
        )
        account = done.account
    assert spared > EVENTS / 4, "nobody was spared: that proves nothing"


def _raise(*_: object) -> bool:
    raise ZeroDivisionError


def test_a_look_that_raises_spares_nobody_and_stops_nothing() -> None:
    account, raising = EMPTY, Looking(RULES.detectors, RULES.calendar, _raise)
    for offset, event in enumerate(told(seed=1)):
        origin = Origin("demo:1", 0, offset)
        done = watch(account, event, raising, origin)
        assert done == watch(account, event, EACH, origin)
        account = done.account


def test_families_keep_the_order_of_the_rules() -> None:
    for type_, families in RULES.listeners.items():
        asked = [name for family in families for name, _ in family.members]
        listen = [n for n, d in RULES.detectors.items() if type_ in d.listens_to and not d.of_feed]
        assert asked == listen
        assert sorted(name for family in families for name in family.rules) == sorted(asked)
