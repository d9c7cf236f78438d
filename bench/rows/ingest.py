"""ingest: a day's files of many accounts, and pushed events that are on disk, a second.

``files_s``: from the files' arrival in the folder until the last of their events is in Kafka; which
rows they have, ``brokers_files`` says.
``push_eps``: accepted events a second over HTTP. ``bare_eps``: the same records by COPY and send
alone, in turns with the pushes.
"""

import asyncio
import re
import shutil
import sys
from pathlib import Path
from time import perf_counter

import httpx

from bench import brokers_day, brokers_files
from bench.harness import Turn, figure
from bench.options import Options
from bench.pushing import Bare, push
from bench.result import Result
from bench.rows.drains import say
from bench.verdict import Refused
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import stop_all
from deploy.embedded.stack import Stores

ACCOUNTS, QUICK_ACCOUNTS = 200_000, 20_000
BATCH = 500
FASTEST = 40_000  # events/s that no side is expected to exceed
PATIENCE_S, LOOK_S = 900.0, 0.2
UNPUBLISHED = re.compile(r"^ingest_unpublished_records 0\.0$", re.MULTILINE)


def run(options: Options, folder: Path) -> Result:
    """Measure the files once and the pushes in turns, over one running ingest."""
    accounts = ACCOUNTS if options.accounts >= Options().accounts else QUICK_ACCOUNTS
    result = Result()
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        shutil.rmtree(folder / "chain", ignore_errors=True)  # an earlier run's files are in it
        chain = Chain(
            stores, Ports.free(), folder / "chain", simulated=True, extra={"INGEST_BROKER": "bench"}
        )
        chain.migrate()
        ingest = chain.program("ingest")
        ingest.start()
        try:
            ingest.wait_ready()
            if options.wants("files_s"):
                result.figures["files_accounts"] = accounts
                took, rows = asyncio.run(_files(chain, accounts))
                result.figures["files_s"] = round(took, 1)
                result.details["files_s"] = {"kinds": len(brokers_files.FILES), "rows": rows}
            if options.wants("push_eps", "bare_eps"):
                result.turns = asyncio.run(_turns(chain, options, accounts))
                sides = ("push_eps", "bare_eps")
                result.take({name: figure(result.turns, name) for name in sides})
        finally:
            stop_all([ingest])
    return result


async def _files(chain: Chain, accounts: int) -> tuple[float, int]:
    rows = await asyncio.to_thread(brokers_files.write_files, chain.drop, accounts)
    began = perf_counter()
    await _drained(chain)  # a file that waits counts, too
    took = perf_counter() - began
    refused = list((chain.drop / "refused").iterdir())
    if refused:
        raise Refused(f"{refused[0].name} was refused")
    sys.stderr.write(f"  files: {rows:,} rows of {accounts:,} accounts in {took:.1f} s\n")
    return took, rows


async def _turns(chain: Chain, options: Options, accounts: int) -> list[Turn]:
    bare = Bare(chain.stores.postgres_dsn, chain.stores.kafka)
    key = chain.stores.secrets.push_key
    size, done = int(FASTEST * options.seconds), []
    for number in range(options.turns):
        batches = brokers_day.batches(size, BATCH, accounts, number * size)
        rate = await push(chain.url("ingest"), key, batches, options.seconds)
        done.append(Turn("push_eps", number, rate))
        say(done[-1])
        await _drained(chain)
        done.append(Turn("bare_eps", number, await bare.store(batches, options.seconds)))
        say(done[-1])
    return done


async def _drained(chain: Chain) -> None:
    """Wait until nothing is on its way to Kafka; a file in the folder counts, too."""
    async with (
        asyncio.timeout(PATIENCE_S),
        httpx.AsyncClient(base_url=chain.url("ingest"), timeout=30) as client,
    ):
        while not UNPUBLISHED.search((await client.get("/metrics")).text):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
