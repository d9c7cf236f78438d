"""Which calls were taken before, on a real Valkey: shared, for a while, and done without."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from services.notify.adapters.budgets import connect
from services.notify.adapters.replays import PREFIX, Replays
from shared.settings import ValkeySettings
from tests.kit.eventually import eventually

pytestmark = pytest.mark.integration
MINUTE = timedelta(minutes=1)


def over(url: str) -> Replays:
    return Replays(connect(ValkeySettings(url=SecretStr(url))))


async def test_what_one_replica_took_the_others_know_until_it_is_too_old(stores: Stores) -> None:
    one, other = over(stores.valkey_url), over(stores.valkey_url)
    call = f"signature-{time.time_ns()}"
    assert not await one.seen(call)
    await one.keep(call, timedelta(seconds=1))
    assert await other.seen(call)
    kept = [key async for key in one.valkey.scan_iter(f"{PREFIX}*")]
    assert not any(call.encode() in key for key in kept)

    async def forgotten() -> bool:
        return not await other.seen(call)

    await eventually(forgotten, within=10)
    await one.valkey.aclose()
    await other.valkey.aclose()


@pytest.fixture
async def mute() -> AsyncIterator[int]:
    """A server that takes connections and says nothing."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_without_valkey_a_call_is_taken_and_soon(mute: int) -> None:
    for port in (mute, Ports.free().sandbox):
        one = over(f"redis://127.0.0.1:{port}/0")
        began = time.monotonic()
        assert not await one.seen("x")
        await one.keep("x", MINUTE)
        assert not await one.seen("x")
        assert time.monotonic() - began < 1
        await one.valkey.aclose()
