"""W1: one mot worker drains withdrawals with durable state ÷ a bare aiokafka loop on the same log.

Both sides read the same preloaded topic in turn. The bare loop decodes and adds up in a dict and
keeps nothing: the limit of Python on one core. The worker folds, detects, publishes and checkpoints.
"""  # noqa: E501

import argparse
import asyncio
import random
import urllib.request
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import msgspec
import redis.asyncio as redis
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from services.mot.adapters.checkpoint import Checkpoints
from shared.contracts.event import sequence_of
from shared.contracts.topics import ACCOUNT, PARTITIONS
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish

ACCOUNTS, CHUNK, SEED = 20_000, 5_000, 7
LARGE_EVERY = 1_000  # one withdrawal in so many raises an alert
MOMENT = "2026-06-01T10:00:00+08:00"


async def run(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return events/s of both sides (medians) and their ratio; every turn is in ``raw``."""
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True)
        await preload(stores.kafka, given.events)
        bare, ours = [], []
        for _ in range(given.turns):
            bare.append(await drain_bare(stores.kafka, given.events))
            ours.append(await drain_mot(chain, given.events))
    return {
        "events": given.events,
        "bare_per_s": round(median(bare)),
        "mot_per_s": round(median(ours)),
        "ratio": round(median(o / b for o, b in zip(ours, bare, strict=True)), 3),
        "floor": 0.25,
        "raw": {"bare": [round(x) for x in bare], "mot": [round(x) for x in ours]},
    }


async def preload(brokers: str, events: int) -> None:
    """Write the log once: the same for every turn (seeded)."""
    chance = random.Random(SEED)  # noqa: S311 a workload, not a secret
    sender = producer(KafkaSettings(brokers=brokers))
    await sender.start()
    for first in range(0, events, CHUNK):
        last = min(first + CHUNK, events)
        await publish(sender, [_withdrawal(chance, n) for n in range(first, last)])
    await sender.stop()


def _withdrawal(chance: random.Random, number: int) -> Record:
    account = f"8{chance.randrange(ACCOUNTS):07d}"
    amount = 600_000 if number % LARGE_EVERY == 0 else chance.randrange(1, 100)
    data = {
        "broker": "demo",
        "account": account,
        "trading_day": "2026-06-01",
        "source": "stream",
        "amount": f"{amount}.00",
        "happened_at": MOMENT,
        "serial": f"{number:012d}",
    }
    subject = f"demo:{account}"
    event = {
        "specversion": "1.0",
        "id": f"{number:032x}",
        "source": "bench",
        "type": "funds.withdrawn",
        "subject": subject,
        "time": MOMENT,
        "datacontenttype": "application/json",
        "sequence": sequence_of(number + 1),
        "data": data,
    }
    return Record(ACCOUNT.name, subject.encode(), msgspec.json.encode(event))


async def drain_bare(brokers: str, events: int) -> float:
    """Return events/s of the smallest loop that reads and adds up."""
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest")
    await consumer.start()
    partitions = [TopicPartition(ACCOUNT.name, p) for p in range(PARTITIONS)]
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    sums: dict[str, float] = {}
    seen, began = 0, perf_counter()
    while seen < events:
        for records in (await consumer.getmany(timeout_ms=500, max_records=4000)).values():
            for record in records:
                event = msgspec.json.decode(record.value)
                key = event["subject"]
                sums[key] = sums.get(key, 0) + float(event["data"]["amount"])
            seen += len(records)
    took = perf_counter() - began
    await consumer.stop()
    return events / took


async def drain_mot(chain: Chain, events: int) -> float:
    """Return events/s of one worker from its first to its last checkpoint, from an empty state."""
    valkey = redis.from_url(chain.stores.valkey_url)
    for partition in range(PARTITIONS):
        await Checkpoints(valkey).forget(partition, silent_until=1)
    worker = chain.program("mot")
    worker.start()
    try:
        began, first = 0.0, 0.0
        while (seen := await asyncio.to_thread(watched, chain.url("mot"))) < events:
            if not worker.running:
                raise RuntimeError(f"mot ended with exit code {worker.exit_code}")
            if seen and not began:
                began, first = perf_counter(), seen
            await asyncio.sleep(0.02)
        return (events - first) / (perf_counter() - began)
    finally:
        worker.terminate()
        await valkey.aclose()


def watched(url: str) -> float:
    """Return how many events the worker has folded; 0 while it does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=2) as answer:  # noqa: S310 ours
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0.0
    return next(
        (float(s.split()[1]) for s in lines if s.startswith("mot_events_watched_total")), 0.0
    )
