"""K3 · ingest 被 kill -9 · ingest is killed with -9 while files and pushes arrive.

What was answered with 202, and every row of every file, is in the log: once and in order.
"""

import asyncio
import functools
from collections import defaultdict
from pathlib import Path
from time import monotonic
from typing import Any

from services.ingest.domain.fact import digest
from shared.kernel.trading_day import TradingDay, china
from tests.fault.asked import Asked
from tests.fault.ingesting import Site, ingesting, judged
from tests.kit.eventually import eventually
from tests.kit.ingest import BEFORE, DAY, cusfund, file, fundchg, withdrew

KILLS, PIECE = 300, 30
FEEDS, ROWS = 6, 400
PAUSE_S = 1.2  # the longest it is left alone
READY_SHARE = 0.8  # of the starts come to their end; the others are killed on the way

Wanted = dict[str, list[str]]


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Kill at any moment: during a post, a file, a round of the relay, or the start itself."""
    wanted: Wanted = defaultdict(list)
    over, kills = asyncio.Event(), 0
    async with ingesting(folder) as site:
        feeds = [asyncio.create_task(_feed(site, n, wanted, over)) for n in range(FEEDS)]
        began = monotonic()
        while kills < asked.kills and not asked.over():
            _drop_day(site, china().after(DAY, kills), wanted)
            await asyncio.sleep(asked.chance.uniform(0.05, PAUSE_S))
            await site.crew.kill(site.program)
            kills += 1
            if asked.chance.random() < READY_SHARE:
                await asyncio.to_thread(site.program.wait_ready)
        a_kill = round((monotonic() - began) / max(1, kills), 2)
        await asyncio.to_thread(site.program.wait_ready)
        over.set()
        await asyncio.gather(*feeds)
        await site.drained()
        found = judged(await site.log(), wanted)
        left = len(site.kept("done"))
    complaints = [] if left == 2 * kills else [f"{left} of {2 * kills} files are put away"]
    return {**found, "kills": kills, "a_kill_s": a_kill, "complaints": complaints}


async def _feed(site: Site, number: int, wanted: Wanted, over: asyncio.Event) -> None:
    """One account's counter: the same event again until it is accepted."""
    account, count = f"8000000{number}", 0
    while not over.is_set():
        count += 1
        event = withdrew("1", f"{number}-{count}", account=account, trading_day=str(BEFORE))
        await eventually(functools.partial(site.accepted, event), within=120, every=0.02)
        wanted[f"demo:{account}"].append(event["id"])


def _drop_day(site: Site, day: TradingDay, wanted: Wanted) -> None:
    """Drop a day's two files; every account has one row in each."""
    accounts = [f"9{n:07}" for n in range(ROWS)]
    rows = [fundchg(account, "-5", str(day), date=str(day)) for account in accounts]
    site.drop(f"0137fundchg{day:%Y%m%d}.txt", file(*rows))
    site.drop(f"0137cusfund{day:%Y%m%d}.txt", file(*(cusfund(a, "3", day=day) for a in accounts)))
    for account in accounts:
        moved = f"{day}/1/{_content(account, day)}/0"
        wanted[f"demo:{account}"] += [moved, f"{day}/1/{account}"]
    for partition in range(12):
        wanted[f"clock/{partition}"].append(str(day))


def _content(account: str, day: TradingDay) -> str:
    return digest([account, day, "withdrawal", 5000, "CNY"])[:16]
