"""The synthetic day tells the same alerts by whichever way its settlements reach ingest.

Which facts come by which way, and why, stands in ``tests.kit.ways.way``. ingest is the real one,
over Kafka and PostgreSQL; what it publishes is folded by mot's core and told by notify's.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from deploy.embedded.stack import Stores
from deploy.synthetic.book import Balance, Moved
from deploy.synthetic.other_papers import ByStatement
from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from deploy.synthetic.verdict import judge
from services.mot.rules import read_rules
from shared.kernel.trading_day import TradingDay, china
from tests.kit.in_process import Record, published, worked
from tests.kit.ways.alerts import Story, differences, stories, tellers
from tests.kit.ways.site import Site
from tests.kit.ways.way import REGISTRY, WAYS, Way

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

DAY, ACCOUNTS, SEED = TradingDay(date(2026, 6, 16)), 180, 7
DROPPED, CHANGED = "filed-only", "usage-by-the-files"
"""Episodes: one of money that only the day's books know, one of a margin that they alone tell."""


def play(way: Way) -> Play:
    stage = Stage(DAY, china())
    return Play(stage, way.company.of((stage,), ACCOUNTS, SEED))


def told(log: list[Record], golden: Play | None = None) -> dict[UUID, Story]:
    """Return what mot tells of a log; the people must receive the golden messages, if given."""
    desk = asyncio.run(worked(log, read_rules()))
    if golden:
        found = judge(golden.golden, desk.journal)
        assert found.differences() == []
        assert found.passed
    return stories(desk.heard)


class Careless(ByStatement):
    """A company whose statements lack a withdrawal, and say that a large margin is nothing."""

    def account_of(self, episode: str) -> str:
        actors = (actor for cast in self.casts for actor in cast.actors)
        return next(actor.account for actor in actors if actor.episode.name == episode)

    def movements(self, day: date, edition: int, whole: bool) -> Iterator[Moved]:
        rows = super().movements(day, edition, whole)
        return (row for row in rows if row.account != self.account_of(DROPPED))

    def balances(self, day: TradingDay, edition: int, whole: bool) -> Iterator[Balance]:
        changed = self.account_of(CHANGED)
        for one in super().balances(day, edition, whole):
            yield replace(one, margin=0) if one.account == changed else one


@pytest.fixture(scope="module")
def expected() -> dict[UUID, Story]:
    """What CFMMC's files tell; ``test_day`` shows the same day through the whole chain."""
    day = play(WAYS["cfmmc"])
    found = told(asyncio.run(published(day.minutes())), day)
    assert len(found) > 100
    return found


@pytest.mark.full
@pytest.mark.integration
@pytest.mark.parametrize("name", sorted(WAYS.keys() - {"cfmmc"}))
def test_every_way_into_a_real_ingest_tells_the_same_alerts(
    name: str,
    expected: dict[UUID, Story],
    stores: Stores,
    fresh_database: Callable[..., str],
    tmp_path: Path,
) -> None:
    day = play(WAYS[name])
    site = Site(WAYS[name], stores, tmp_path, fresh_database(), fresh_database())
    log = site.played(day.minutes())
    assert tellers(log) == {WAYS[name].teller}
    assert differences(expected, told(log, day)) == []


def test_a_row_that_is_dropped_and_an_amount_that_is_changed_are_seen(
    expected: dict[UUID, Story],
) -> None:
    right, wrong = play(WAYS["statements"]), play(Way(Careless, "statement", REGISTRY))
    logs = [asyncio.run(published(one.minutes(), closing=REGISTRY)) for one in (right, wrong)]
    assert differences(expected, told(logs[0], right)) == []
    seen = {
        story.account
        for pair in differences(expected, told(logs[1]))
        for story in pair
        if story is not None
    }
    company = wrong.company
    assert isinstance(company, Careless)
    assert seen == {company.account_of(DROPPED), company.account_of(CHANGED)}
