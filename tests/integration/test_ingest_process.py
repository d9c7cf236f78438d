"""The real process, killed and restarted: what was accepted is in the log, once and in order."""

import asyncio
import functools
import json
import signal
from collections.abc import Callable

from tests.kit.eventually import eventually
from tests.kit.ingest import cusfund, fundchg, ticked, withdrew
from tests.kit.ingest_process import IngestProcess

FUNDS, SETTLED = "0137fundchg20260601.txt", "0137cusfund20260601.txt"


async def test_killing_the_process_while_events_are_posted_loses_and_repeats_nothing(
    process: IngestProcess,
) -> None:
    told: dict[str, list[str]] = {}
    done = asyncio.Event()

    async def post_all(account: str) -> None:
        """One account's feed: each event again until it is accepted, as a broker's does."""
        number = 0
        while not done.is_set():
            number += 1
            serial = f"{account}-{number}"
            event = withdrew("1", serial, account=account, broker=process.broker)
            await eventually(functools.partial(process.accepted, event), every=0.01)
            told.setdefault(f"{process.broker}:{account}", []).append(f"withdrawal/{serial}")

    await process.start()
    await eventually(process.ready)
    feeds = [asyncio.create_task(post_all(f"8000000{n}")) for n in range(6)]
    for kill in range(3):
        count = sum(map(len, told.values()))

        async def more(count: int = count, by: int = 40 + 13 * kill) -> bool:
            return sum(map(len, told.values())) >= count + by

        await eventually(more)
        assert await process.end(signal.SIGKILL) == -signal.SIGKILL
        await process.start()
    await eventually(process.ready)
    done.set()
    await asyncio.gather(*feeds)
    await eventually(process.drained)
    log = await process.log()
    assert log.ids(told) == told
    log.repeats()
    assert await process.end(signal.SIGTERM) == 0


async def test_killing_the_process_while_it_takes_files_takes_them_once_and_whole(
    process: IngestProcess,
) -> None:
    accounts = [f"8{n:07}" for n in range(2000)]
    process.drop(FUNDS, *(fundchg(account, "-5") for account in accounts))
    process.drop(SETTLED, *(cusfund(account, "3") for account in accounts))
    for tries in range(3):
        await process.start()
        await eventually(process.ready)
        await asyncio.sleep(0.3 * tries)
        await process.end(signal.SIGKILL)
    await process.start()
    await eventually(process.ready)
    await eventually(process.drained, within=60)
    log = await process.log()
    for account in accounts:
        types = [event["type"] for event in log.seen(f"{process.broker}:{account}")]
        assert types == ["funds.withdrawn", "account.settled"]
    assert [len(log.seen(s)) for s in log.records if s.startswith("clock/")] == [1] * 12
    assert len(list((process.folder / "done").iterdir())) == 2


async def test_a_stopped_process_has_told_everything_it_accepted(process: IngestProcess) -> None:
    await process.start()
    await eventually(process.ready)
    events = [withdrew("1", f"s{n}", account="1", broker=process.broker) for n in range(500)]
    answer = await process.post(*events)
    assert answer is not None
    assert answer.json()["accepted"] == 500
    assert await process.end(signal.SIGTERM) == 0
    await process.start()
    await eventually(process.ready)
    await eventually(process.drained)
    told = (await process.log()).ids([f"{process.broker}:1"])
    assert told == {f"{process.broker}:1": [f"withdrawal/s{n}" for n in range(500)]}


async def test_posted_minutes_reach_every_partition(process: IngestProcess) -> None:
    await process.start()
    await eventually(process.ready)
    tick = ticked()
    tick["data"]["broker"] = process.broker
    answer = await process.post(tick, tick)
    assert answer is not None
    assert answer.json() == {"accepted": 1, "duplicates": 1, "refused": []}
    await eventually(process.drained)
    log = await process.log()
    assert sorted(log.records) == sorted(f"clock/{p}" for p in range(12))


async def test_by_the_wall_every_minute_is_told_once_by_two_replicas(
    process: IngestProcess, unused_tcp_port_factory: Callable[[], int]
) -> None:
    port = unused_tcp_port_factory()
    other = await process.command(INGEST_CLOCK="wall", INGEST_HTTP__PORT=str(port))
    await process.start(INGEST_CLOCK="wall")
    try:
        await eventually(process.ready)
        await eventually(lambda: process.ready(port))

        async def ticks() -> bool:
            return len((await process.log()).records) == 12

        await eventually(ticks, every=1)
        log = await process.log()
        for subject in log.records:
            ids = [event["id"] for event in log.seen(subject)]
            assert len(ids) == len(set(ids)) <= 2
    finally:
        other.terminate()
        assert await other.wait() == 0


async def test_no_log_line_names_a_client(process: IngestProcess) -> None:
    await process.start()
    await eventually(process.ready)
    process.drop(FUNDS, fundchg("81234567", "-5"), fundchg("81234567", "x"))
    text = "staff_id,name,role,mobile\nm001,王大明,manager,13812345678\nm002,王大明,x,12\n"
    (process.folder / "staff.csv").write_text(text)
    await process.post(withdrew("x", account="81234567", broker=process.broker))

    async def taken() -> bool:
        return len(list((process.folder / "done").iterdir())) == 2

    await eventually(taken)
    await process.end(signal.SIGTERM)
    lines = process.output.read_text()
    assert all(json.loads(line) for line in lines.splitlines())
    for secret in ("81234567", "王大明", "13812345678", "push"):
        assert secret not in lines
