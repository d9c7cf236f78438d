"""mot: W1 and W2 beside the peers, the core alone, latency, memory, two workers."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from bench.core import Turn, core, turns
from bench.gateway import accepted
from bench.latency import SHARE, Pace, durable
from bench.memory import memory
from bench.options import Options
from bench.result import Result
from bench.rows.drains import drains
from bench.targets import quotient
from bench.verdict import Refused
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores

UNMEASURED = (Refused, RuntimeError, OSError, KafkaError, RedisError)
"""What costs a figure, and not those that were measured before it."""
SPELLS = 3  # of the core, in the run
WINDOWS = 3  # of the latencies: each has thousands of events
LATENCIES = ("latency_durable_p99_ms", "latency_gateway_p99_ms")


def run(options: Options, folder: Path) -> Result:
    """Measure what is asked for; whatever cannot be measured has its reason."""
    result = Result()
    alone = _alone(options)
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        figures, result.turns = drains(("w1", "w2"), options, stores, folder)
        result.take(figures)
        _measure(
            result, options, "valkey_mib_per_million", "mib_per_million",
            lambda: asyncio.run(memory(stores.valkey_url, options.accounts)),
        )  # fmt: skip
    alone += _alone(options)
    _two_workers(result)
    if options.wants(*LATENCIES):
        _latencies(result, options, folder)
    alone += _alone(options)
    _measure(result, options, "core_us", "us", lambda: core(alone))
    return result


def _alone(options: Options) -> list[Turn]:
    """Return some of the core's turns: they are spread over the run, which has quiet moments."""
    return turns(-(-options.turns // SPELLS)) if options.wants("core_us") else []


def _two_workers(result: Result) -> None:
    two, one = result.figures.pop("w2_ours_2", None), result.figures.get("w2_ours")
    result.figures["workers2_over_1"] = quotient(two, one)
    why = result.reasons.pop("w2_ours_2", None) or result.reasons.get("w2_ours")
    if result.figures["workers2_over_1"] is None:
        result.reasons["workers2_over_1"] = why or "not asked for"


def _latencies(result: Result, options: Options, folder: Path) -> None:
    rate = result.figures.get("w2_ours")
    if rate is None:
        result.reasons |= dict.fromkeys(LATENCIES, "without w2_ours there is no load to set")
        return
    pace = Pace(SHARE * rate, options.seconds, min(options.turns, WINDOWS))
    try:
        _on_stores_of_their_own(result, options, folder, pace)
    except UNMEASURED as error:
        result.reasons |= dict.fromkeys(LATENCIES, str(error))


def _on_stores_of_their_own(result: Result, options: Options, folder: Path, pace: Pace) -> None:
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        shutil.rmtree(folder / "chain", ignore_errors=True)  # an earlier run's journal is in it
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=True)
        gateway, alone = folder / "load-gateway", folder / "load-durable"
        _measure(result, options, LATENCIES[1], "p99_ms",
                 lambda: asyncio.run(accepted(chain, pace, gateway)))  # fmt: skip
        _measure(result, options, LATENCIES[0], "p99_ms",
                 lambda: asyncio.run(durable(chain, pace, alone)))  # fmt: skip


def _measure(
    result: Result, options: Options, key: str, name: str, measure: Callable[[], dict[str, Any]]
) -> None:
    if not options.wants(key):
        result.reasons[key] = "not asked for"
        return
    try:
        found = measure()
    except UNMEASURED as error:
        result.reasons[key] = str(error)
        sys.stderr.write(f"  {key}: ✗ {error}\n")
        return
    result.figures[key], result.details[key] = found[name], found
    sys.stderr.write(f"  {key}: {found[name]}\n")
