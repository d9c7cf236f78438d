"""A published version takes effect behind a checkpoint that records it; a crash changes nothing."""

import random

import pytest

from services.mot.rulebook import versions_of
from tests.kit.events import withdrew
from tests.kit.mot_field import LOW, Field, Record, fetched, logged, rule, season


def version(stamp: str) -> int:
    return versions_of(stamp)["large_withdrawal"]


def small(count: int) -> list[Record]:
    """Withdrawals that only the low line notices."""
    return logged(withdrew(100_000) for _ in range(count))


async def test_the_first_batch_is_watched_by_rules_that_a_checkpoint_has_recorded_before() -> None:
    field = Field(crash="publish")
    with pytest.raises(ConnectionError):
        await field.watcher().apply(field.take_over(), fetched(logged([withdrew(9_000_000)])))
    assert (field.done.last, field.done.rules) == (-1, field.book.latest.stamp)


async def test_a_published_version_holds_from_the_next_batch_on() -> None:
    field, log = Field(), small(4)
    mine, watcher = field.take_over(), field.watcher()
    await watcher.apply(mine, fetched(log[:2]))
    field.book.take(rule(2))
    assert (field.alerts, version(field.done.rules)) == ([], 1)
    await watcher.apply(mine, fetched(log[2:3]))
    (alert,) = field.alerts
    assert (alert.data.rule_version, alert.data.passport.thresholds) == (2, LOW)
    assert version(field.done.rules) == 2
    assert field.past().rules().at(2) == field.done.rules
    assert version(field.past().rules().at(1)) == 1


async def test_a_crash_before_the_checkpoint_leaves_the_old_version_in_force() -> None:
    field, log = Field(), small(4)
    mine, watcher = field.take_over(), field.watcher()
    await watcher.apply(mine, fetched(log[:2]))
    field.book.take(rule(2))
    field.crash = "applied"
    with pytest.raises(ConnectionError):
        await watcher.apply(mine, fetched(log[2:]))
    assert (field.alerts, version(field.done.rules)) == ([], 1)


async def test_what_a_dead_worker_may_have_watched_is_watched_again_by_the_same_rules() -> None:
    """The old worker published and died before its checkpoint; a version came in between."""
    field = Field()
    log = logged([withdrew(6_000_000), withdrew(100_000), withdrew(100_000), withdrew(100_000)])
    mine = field.take_over()
    await field.watcher().apply(mine, fetched(log[:1]))
    field.crash = "remember"
    field.book.take(rule(2, enabled=False))
    mine.seen = 3
    with pytest.raises(ConnectionError):
        await field.watcher().apply(mine, fetched(log[1:3]))
    before = field.said()
    mine, watcher = field.take_over(end=3), field.watcher()
    await watcher.apply(mine, fetched(log[1:2]))
    await watcher.apply(mine, fetched(log[2:3]))
    assert field.said() == before
    assert version(field.done.rules) == 1
    await watcher.apply(mine, fetched(log[3:]))
    assert version(field.done.rules) == 2


async def test_a_backlog_at_a_take_over_is_left_to_the_recorded_rules() -> None:
    field, log = Field(), small(6)
    await field.watcher().apply(field.take_over(), fetched(log[:1]))
    field.book.take(rule(2))
    mine, watcher = field.take_over(end=4), field.watcher()
    await watcher.apply(mine, fetched(log[1:4]))
    assert field.alerts == []
    await watcher.apply(mine, fetched(log[4:]))
    assert [alert.data.passport.offset for alert in field.alerts] == [4, 5]


async def test_a_refused_version_changes_nothing() -> None:
    field, log = Field(), small(2)
    mine, watcher = field.take_over(), field.watcher()
    await watcher.apply(mine, fetched(log[:1]))
    with pytest.raises(ValueError, match="limit"):
        field.book.take(rule(2, thresholds={**LOW, "limit": "-1"}))
    await watcher.apply(mine, fetched(log[1:]))
    assert (field.alerts, version(field.done.rules)) == ([], 1)


@pytest.mark.parametrize("seed", range(12))
async def test_crashes_and_new_versions_anywhere_say_each_thing_once_and_alike(seed: int) -> None:
    """Whatever dies wherever: no id is ever told with two contents, and the states agree."""
    chance, field, log = random.Random(seed), Field(), season(seed)  # noqa: S311 a seeded test
    mine, watcher, number = field.take_over(), field.watcher(), 1
    while field.done.last + 1 < len(log):
        start = mine.offset + 1
        if chance.random() < 0.2:
            number += 1
            low = {**LOW, "limit": f"{chance.randrange(1, 60)}00000"}
            field.book.take(rule(number, thresholds=low, enabled=chance.random() < 0.8))
        field.crash = chance.choice(["", "", "", "publish", "applied", "closed", "remember"])
        try:
            await watcher.apply(mine, fetched(log[start : start + chance.randrange(1, 9)]))
        except ConnectionError:
            mine, watcher = field.take_over(end=min(len(log), start + 8)), field.watcher()
    contents: dict[str, set[bytes]] = {}
    for alert in field.alerts:
        contents.setdefault(alert.id, set()).add(alert.encode())
    assert contents
    assert all(len(found) == 1 for found in contents.values())
