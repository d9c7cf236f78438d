"""The checkpoint against the real Valkey: written whole and by its owner alone, or refused."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import redis.asyncio as redis

from deploy.embedded import valkey
from deploy.embedded.ports import Ports
from deploy.embedded.state import StateFolder
from services.mot.adapters.checkpoint import Advance, Checkpoints, Fenced, Taken
from services.mot.domain.account import EMPTY, changed

pytestmark = pytest.mark.integration
RICH = {"demo:1": changed(EMPTY, equity=1_000), "demo:2": changed(EMPTY, position_lots=3)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state, ports = StateFolder(tmp_path_factory.mktemp("valkey")), Ports.free()
    state.open()
    state.logs.mkdir(exist_ok=True)
    program = valkey.server(state, ports)
    program.start()
    program.wait_ready()
    yield f"redis://127.0.0.1:{ports.valkey}/0"
    program.terminate()
    state.close()


@pytest.fixture
async def checkpoints(server: str) -> AsyncIterator[Checkpoints]:
    client = redis.from_url(server)
    await client.flushall()
    yield Checkpoints(client)
    await client.aclose()


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
