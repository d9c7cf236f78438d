"""The checkpoint against the real Valkey: written whole and by its owner alone, or refused."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

import pytest
import redis.asyncio as redis
from aiokafka.record.default_records import DefaultRecord

from deploy.embedded import valkey as embedded
from deploy.embedded.ports import Ports
from deploy.embedded.state import StateFolder
from services.mot.adapters.checkpoint import ACCOUNTS, Checkpoints, Fenced, NewerLayout, Taken
from services.mot.agent import Batch
from services.mot.domain.account import EMPTY, changed
from services.mot.partition import Advance, Fetched, Log, Partition, Record
from services.mot.worker import Work, Worker

pytestmark = pytest.mark.integration
RICH = {"demo:1": changed(EMPTY, equity=1_000), "demo:2": changed(EMPTY, position_lots=3)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state, ports = StateFolder(tmp_path_factory.mktemp("valkey")), Ports.free()
    state.open()
    state.logs.mkdir(exist_ok=True)
    program = embedded.server(state, ports)
    program.start()
    program.wait_ready()
    yield f"redis://127.0.0.1:{ports.valkey}/0"
    program.terminate()
    state.close()


@pytest.fixture
async def valkey(server: str) -> AsyncIterator[redis.Redis]:
    client = redis.from_url(server)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def checkpoints(valkey: redis.Redis) -> Checkpoints:
    return Checkpoints(valkey)


async def begun(checkpoints: Checkpoints) -> Taken:
    """Return partition 3, taken over and ten records on."""
    taken = await checkpoints.take_over(3)
    return await checkpoints.write(3, taken, Advance(0, 9, "0009", "r1"), RICH)


async def test_what_was_written_is_what_the_next_owner_finds(checkpoints: Checkpoints) -> None:
    new = await checkpoints.take_over(3)
    assert (new.watermark, new.clock, new.rules, new.accounts) == (None, "", None, {})
    before = await begun(checkpoints)
    found = await checkpoints.take_over(3)
    assert found == replace(before, epoch=str(int(before.epoch) + 1), accounts=RICH)
    assert (found.watermark, found.clock, found.rules) == (9, "0009", "r1")


async def test_only_what_changed_is_written(checkpoints: Checkpoints) -> None:
    taken = await begun(checkpoints)
    moved = {"demo:1": changed(EMPTY, equity=2_000)}
    await checkpoints.write(3, taken, Advance(10, 10, "0009", "r1"), moved)
    assert (await checkpoints.take_over(3)).accounts == RICH | moved


async def test_rules_are_recorded_without_a_record(checkpoints: Checkpoints) -> None:
    taken = await begun(checkpoints)
    taken = await checkpoints.write(3, taken, Advance(10, 9, "0009", "r2"), {})
    assert (taken.watermark, taken.rules) == (9, "r2")
    await checkpoints.write(3, taken, Advance(10, 12, "0012", "r2"), {})
    assert (await checkpoints.take_over(3)).watermark == 12


async def test_a_worker_that_lost_its_partition_writes_nothing(checkpoints: Checkpoints) -> None:
    old = await begun(checkpoints)
    await checkpoints.take_over(3)
    with pytest.raises(Fenced, match="another worker"):
        await checkpoints.write(3, old, Advance(10, 10, "", "r9"), {"demo:9": EMPTY})
    found = await checkpoints.take_over(3)
    assert (found.watermark, found.rules, found.accounts) == (9, "r1", RICH)


async def test_a_watermark_that_moved_back_under_a_warm_cache_is_refused(
    checkpoints: Checkpoints,
) -> None:
    taken = await begun(checkpoints)
    ahead = replace(taken, watermark=14)  # what Valkey forgot with its last second
    with pytest.raises(Fenced, match="watermark moved"):
        await checkpoints.write(3, ahead, Advance(15, 15, "", "r1"), {})


async def test_a_batch_that_skips_a_record_is_refused(checkpoints: Checkpoints) -> None:
    taken = await begun(checkpoints)
    with pytest.raises(Fenced, match="begins at 11"):
        await checkpoints.write(3, taken, Advance(11, 12, "", "r1"), {})


NEWER = ACCOUNTS._replace(version=ACCOUNTS.version + 1)
OLDER = ACCOUNTS._replace(version=ACCOUNTS.version - 1)


async def test_an_older_worker_refuses_a_newer_layout_before_it_touches_anything(
    checkpoints: Checkpoints, valkey: redis.Redis
) -> None:
    newer = Checkpoints(valkey, layout=NEWER)
    taken = await begun(newer)
    before = await valkey.hgetall("mot:{3}:meta")
    with pytest.raises(NewerLayout, match=f"layout {NEWER.version}.*up to {ACCOUNTS.version}"):
        await checkpoints.take_over(3)
    assert await valkey.hgetall("mot:{3}:meta") == before
    await newer.write(3, taken, Advance(10, 10, "0009", "r1"), {})  # its owner was not disturbed


async def test_a_newer_worker_takes_an_older_layout_over(
    checkpoints: Checkpoints, valkey: redis.Redis
) -> None:
    taken = await begun(Checkpoints(valkey, layout=OLDER))
    found = await checkpoints.take_over(3)
    assert (found.watermark, found.accounts) == (9, RICH)
    with pytest.raises(Fenced):
        await Checkpoints(valkey, layout=OLDER).write(3, taken, Advance(10, 10, "", ""), {})
    await checkpoints.write(3, found, Advance(10, 10, "", ""), {})
    with pytest.raises(NewerLayout):
        await Checkpoints(valkey, layout=OLDER).take_over(3)


async def test_a_batch_of_many_accounts_is_written_whole(checkpoints: Checkpoints) -> None:
    many = {f"demo:{number:08d}": changed(EMPTY, equity=number) for number in range(5_003)}
    await checkpoints.write(3, await checkpoints.take_over(3), Advance(0, 9, "", ""), many)
    assert (await checkpoints.take_over(3)).accounts == many


async def no_publish(partition: int, alerts: Sequence[object], letters: Sequence[object]) -> None:
    """The records of these tests raise nothing."""


def raised(error: Exception) -> None:
    raise error


def fold(mine: Partition, records: Sequence[Record]) -> Batch:
    """Remember one account a record."""
    touched = {f"demo:{r.offset}": changed(EMPTY, equity=r.offset) for r in records}
    mine.accounts |= touched
    return Batch(touched=touched)


LOG = Log(begin=0, end=100, commit=None)


async def applied(worker: Worker, *offsets: int) -> None:
    records = [DefaultRecord(n, 0, 0, b"k", b"v", []) for n in offsets]
    worker.put(Fetched(3, offsets[0], offsets[-1], records))
    await asyncio.sleep(0)  # it is at work, so settling brings it to its end
    await worker.settle()
    worker._lanes.open()


async def test_a_rebalance_frees_what_is_given_away_and_keeps_what_stays_warm(
    checkpoints: Checkpoints, valkey: redis.Redis
) -> None:
    worker = Worker(Work(fold), checkpoints, no_publish, raised)
    assert await worker.take_over({3: LOG, 4: LOG}) == {3: 0, 4: 0}
    await applied(worker, 0, 1, 2)
    held, given = worker.owned[3].accounts, weakref.ref(worker.owned[4])
    await valkey.hset("mot:{3}:accounts", "demo:unread", b"it would not be unpacked")
    assert await worker.take_over({3: LOG}) == {3: 3}
    assert worker.owned[3].accounts is held
    assert (list(worker.owned), worker.done(3), worker.done(4)) == ([3], 3, None)
    gc.collect()
    assert given() is None
    worker.keep([])
    assert worker.owned == {}


async def test_what_somebody_else_owned_meanwhile_is_read_again(checkpoints: Checkpoints) -> None:
    first = Worker(Work(fold), checkpoints, no_publish, raised)
    await first.take_over({3: LOG})
    await applied(first, 0, 1)
    second = Worker(Work(fold), checkpoints, no_publish, raised)
    assert await second.take_over({3: LOG}) == {3: 2}
    await applied(second, 2)
    assert await first.take_over({3: LOG}) == {3: 3}
    assert first.owned[3].accounts == second.owned[3].accounts
    assert len(first.owned[3].accounts) == 3


async def test_a_worker_that_was_fenced_ends(checkpoints: Checkpoints) -> None:
    errors: list[Exception] = []
    zombie = Worker(Work(fold), checkpoints, no_publish, errors.append)
    await zombie.take_over({3: LOG})
    await checkpoints.take_over(3)
    await applied(zombie, 0)
    assert [type(error) for error in errors] == [Fenced]
    assert (await checkpoints.take_over(3)).accounts == {}


async def test_the_commit_never_goes_back(checkpoints: Checkpoints) -> None:
    worker = Worker(Work(fold), checkpoints, no_publish, raised)
    await worker.take_over({3: LOG})
    await applied(worker, 0)
    await worker.take_over({3: LOG._replace(commit=3)})  # Valkey lost what the commit knows
    await applied(worker, 1, 2)
    assert worker.done(3) is None
    await applied(worker, 3)
    assert worker.done(3) == 4
