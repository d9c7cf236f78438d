"""What mot's state takes in Valkey, scaled to a million accounts.

The accounts are as three weeks of the mix leave them, all the settlements that an account keeps
among them, written by the product's own checkpoints.
"""

from itertools import chain, islice
from typing import Any

import redis
import redis.asyncio as aredis

from bench import log
from bench.workloads import mixed
from bench.workloads.brokers import Stream
from services.mot.adapters.checkpoint import Advance, Checkpoints
from shared.contracts.topics import ACCOUNT

PAST, DAYS, A_DAY = (
    13,
    2,
    3,
)  # settled days before, whole days, and events of an account a day before its settlement
CHUNK = 4_000
MIB, MILLION = 1 << 20, 1_000_000


async def memory(valkey_url: str, accounts: int) -> dict[str, Any]:
    """Return MiB a million accounts, by ``used_memory``: Valkey's own overhead is in it."""
    watcher = redis.from_url(valkey_url)
    watcher.flushall()
    before = int(watcher.info("memory")["used_memory"])
    lanes = _states(accounts)
    valkey = aredis.from_url(valkey_url)
    checkpoints = Checkpoints(valkey)
    for number, states in enumerate(lanes):
        taken, keys = await checkpoints.take_over(number), list(states)
        for first in range(0, len(keys), CHUNK):
            touched = {key: states[key] for key in keys[first : first + CHUNK]}
            done = Advance(first, first + len(touched) - 1, "", "")
            taken = await checkpoints.write(number, taken, done, touched)
    await valkey.aclose()
    used = int(watcher.info("memory")["used_memory"]) - before
    watcher.flushall()
    held = sum(len(states) for states in lanes)
    return {
        "mib_per_million": round(used / MIB * MILLION / held, 1),
        "accounts": held,
        "bytes": used,
    }


def _states(accounts: int) -> list[dict[str, Any]]:
    lanes: list[dict[str, Any]] = [{} for _ in range(ACCOUNT.partitions)]
    stream = Stream(accounts)
    usual = islice(stream.entries(A_DAY * accounts), DAYS * (A_DAY + 1) * accounts)
    for entry in chain(stream.past(PAST), usual):
        if entry.key is None:
            continue
        key, event = mixed.parse(entry.key, entry.value)
        states = lanes[log.lane_of(entry, ACCOUNT.partitions)]
        states[key or ""], _ = mixed.step(states.get(key or ""), event)
    return lanes
