"""The nightly batch over the real PostgreSQL: what is due, when, how often, and by whom."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta

import pytest

from services.profile.adapters.nights import Nights, again
from services.profile.night import Night, Step
from shared.contracts.profiles import Eligible, became_eligible
from tests.kit.issuer import NOW
from tests.kit.profile import BROKER, DAY, Stage, profile_stage, told

pytestmark = pytest.mark.integration
NEXT = DAY + timedelta(days=1)


class Noted:
    """A step that notes when it was run."""

    def __init__(self, name: str, after: tuple[str, ...] = (), version: int = 1) -> None:
        self.days: list[date] = []
        self.step = Step(name, self.run, after, version)

    async def run(self, night: Night) -> int:
        self.days.append(night.day)
        return 3


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database("profile")) as made:
        yield made


def nights(stage: Stage, *steps: Noted, kept: int = 30) -> Nights:
    return Nights(stage.database, BROKER, [one.step for one in steps], kept, calm=0)


async def compute(due: Nights) -> list[tuple[date, str]]:
    found = []
    while (done := await due.compute()) is not None:
        assert done.rows == 3
        found.append((done.day, done.step))
    return found


async def settled(stage: Stage, day: date, sequence: int) -> None:
    await stage.tell(told("account.settled", sequence, trading_day=day.isoformat()))


async def test_a_day_is_computed_once_when_every_partition_has_closed_it(stage: Stage) -> None:
    first, second = Noted("first"), Noted("second", after=("first",))
    due = nights(stage, first, second)
    await settled(stage, DAY, 1)
    await stage.close(DAY)
    await stage.write("DELETE FROM day_closes WHERE partition = 1")
    assert await compute(due) == []
    await stage.write("INSERT INTO day_closes VALUES (:broker, :day, 1, 0)", broker=BROKER, day=DAY)
    assert await compute(due) == [(DAY, "first"), (DAY, "second")]
    assert (await due.due(), await compute(due)) == (0, [])


async def test_a_night_that_fails_is_due_from_the_first_time_on(stage: Stage) -> None:
    async def run(night: Night) -> int:
        raise OSError(f"{night.day}")

    due = Nights(stage.database, BROKER, [Step("one", run), Step("two", run)], calm=0)
    await stage.close(DAY)
    with pytest.raises(OSError, match=f"{DAY}"):
        await due.compute()
    assert await due.due() == 2


async def test_a_correction_has_its_day_and_those_after_it_computed_again(stage: Stage) -> None:
    one = Noted("one")
    due = nights(stage, one)
    before = DAY - timedelta(days=3)
    await stage.close(before, DAY, NEXT)
    assert [day for day, _ in await compute(due)] == [before, DAY, NEXT]
    await settled(stage, DAY, 7)
    assert await due.due() == 2
    assert [day for day, _ in await compute(due)] == [DAY, NEXT]
    await settled(stage, NEXT + timedelta(days=1), 8)
    assert await compute(due) == []


async def test_what_was_corrected_amid_a_step_is_computed_once_more(stage: Stage) -> None:
    seen: list[date] = []

    async def run(night: Night) -> int:
        if not seen:
            await settled(stage, DAY, 9)  # of another worker: not in this transaction
        seen.append(night.day)
        return 3

    due = Nights(stage.database, BROKER, [Step("one", run)], calm=0)
    await stage.close(DAY)
    await stage.write("INSERT INTO nights VALUES (:broker, :day)", broker=BROKER, day=DAY)
    await compute(due)
    assert seen == [DAY, DAY]


async def test_news_are_waited_out(stage: Stage) -> None:
    one = Noted("one")
    await stage.close(DAY)
    calm = Nights(stage.database, BROKER, [one.step], calm=0.3)
    assert await calm.compute() is None
    await asyncio.sleep(0.4)
    assert await calm.compute() is not None


async def test_a_new_version_and_a_wish_compute_anew_within_the_nights_kept(stage: Stage) -> None:
    old = Noted("one")
    await stage.close(DAY, NEXT)
    await compute(nights(stage, old))
    new = Noted("one", version=2)
    assert len(await compute(nights(stage, new, kept=1))) == 1
    assert new.days == [NEXT]
    async with stage.database.begin() as connection:
        await again(connection, BROKER, DAY)
    await compute(nights(stage, new))
    assert new.days == [NEXT, DAY, NEXT]


async def test_a_step_that_failed_leaves_nothing_and_is_run_again(stage: Stage) -> None:
    fails = [True]

    async def run(night: Night) -> int:
        found = Eligible(
            broker=BROKER,
            customer_id="c1",
            account="80012345",
            permissions=("ine-crude",),
            names=("原油期货和期权",),
            trading_day=night.day,
        )
        await night.tell(became_eligible(found, NOW))
        if fails:
            fails.clear()
            raise OSError("the disk is full")
        return 3

    due = Nights(stage.database, BROKER, [Step("one", run)], calm=0)
    await stage.close(DAY)
    with pytest.raises(OSError, match="full"):
        await due.compute()
    assert await stage.rows("SELECT topic FROM outbox") == []
    assert len(await compute(due)) == 1
    assert await stage.rows("SELECT topic, key FROM outbox") == [
        {"topic": "profile.customer.v1", "key": "c1"}
    ]


async def test_two_workers_do_not_compute_the_same(stage: Stage) -> None:
    running: list[int] = []

    async def run(night: Night) -> int:
        running.append(1)
        await asyncio.sleep(0.05)
        assert len(running) == 1
        running.clear()
        return 3

    workers = [Nights(stage.database, BROKER, [Step("one", run)], calm=0) for _ in range(3)]
    days = [DAY + timedelta(days=n) for n in range(5)]
    await stage.close(*days)
    done: list[date] = []

    async def work(one: Nights) -> None:
        while await one.due() or len(done) < len(days):
            if (found := await one.compute()) is not None:
                done.append(found.day)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(asyncio.gather(*map(work, workers)), 20)
    assert done == days
