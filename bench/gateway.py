"""From an event's due moment until the gateway has accepted its message, through the whole chain.

The services run as in ``make run`` (Kafka, mot, notify with its ledger, the sandbox gateway), with
a background of small deposits at a part of what mot can do. Each alert has a manager of its own, so
no budget holds anything back; counted is the 企业微信 message, at the gateway's own clock.
"""

import asyncio
import json
import urllib.request
from pathlib import Path
from time import time
from typing import Any

from bench.latency import LOST_S, WARM_S, Pace, measured
from bench.load import Load, said, start
from bench.workloads.brokers import large_account
from deploy.embedded.processes import Chain
from deploy.embedded.program import stop_all

ALERTS_A_SECOND = 10
SERVICES = ("sandbox", "ingest", "mot", "notify")
STAFF = "staff_id,name,role,branch_id,leader_id,wecom_userid,mobile,email,duty_hours,successor_id"
RELATIONS = (
    "account,customer_id,customer_name,customer_type,manager_id,branch_id,introducing_broker,since"
)


async def accepted(chain: Chain, pace: Pace, folder: Path) -> dict[str, Any]:
    """Measure on stores where nothing has happened yet."""
    each = max(2, round(pace.rate / ALERTS_A_SECOND))
    load = Load(
        brokers=chain.stores.kafka,
        rate=pace.rate,
        count=pace.records,
        folder=str(folder),
        each=each,
    )
    alerts = pace.records // each
    chain.migrate()
    programs = [chain.program(name) for name in SERVICES]
    try:
        for program in programs:
            program.start()
        for program in programs:
            await asyncio.to_thread(program.wait_ready)
        await _introduce(chain, alerts)
        entries = await _told(chain, load, alerts)
    finally:
        stop_all(programs)
    began = said(load)
    due = {_member(n): (n * each + each - 1) / load.rate for n in range(alerts)}
    seen: dict[str, float] = {}
    for entry in entries:
        if entry["channel"] == "wecom" and entry["outcome"] == "delivered":
            seen.setdefault(entry["to"], entry["wall"] - began.began)
    return {**measured(due, seen, pace), "publisher_late_ms": round(1000 * began.late, 1)}


def _member(number: int) -> str:
    return f"manager_{number}"


async def _introduce(chain: Chain, count: int) -> None:
    """Drop the directory files and wait until notify has them all."""
    staff = [STAFF, "r1,值班,risk,,,risk_desk,13900000000,,,"]
    relations = [RELATIONS]
    for number in range(count):
        mobile = f"138{number:08d}"
        staff.append(f"m{number},经理{number},manager,b01,,{_member(number)},{mobile},,,")
        account = large_account(number)
        relations.append(f"{account},c{number},客户{number},自然人,m{number},b01,,2020-01-02")
    for name, lines in (("staff.csv", staff), ("relations.csv", relations)):
        partly = chain.drop / f".{name}.part"
        partly.write_text("\n".join(lines) + "\n", encoding="utf-8")
        partly.rename(chain.drop / name)
    await _until_taken(chain)


async def _until_taken(chain: Chain) -> None:
    calm, deadline = 0, time() + 120
    while calm < 3:
        if time() > deadline:
            raise RuntimeError("the directory files were not taken in within 120 s")
        waiting = any(chain.drop.glob("*.csv"))
        behind = await asyncio.to_thread(_gauges, chain)
        calm = 0 if waiting or behind else calm + 1
        await asyncio.sleep(0.3)


def _gauges(chain: Chain) -> float:
    wanted = {"ingest": "ingest_unpublished_records", "notify": "notify_lag_records"}
    total = 0.0
    for service, name in wanted.items():
        with urllib.request.urlopen(f"{chain.url(service)}/metrics", timeout=10) as answer:  # noqa: S310 ours
            lines = answer.read().decode().splitlines()
        total += sum(float(line.split()[1]) for line in lines if line.startswith(name))
    return total


async def _told(chain: Chain, load: Load, alerts: int) -> list[dict[str, Any]]:
    """Let the load flow, and return the journal once it holds every message or stops growing."""
    flow = start(load)
    try:
        await asyncio.to_thread(flow.wait, load.count / load.rate + WARM_S + LOST_S)
    finally:
        flow.kill()
        flow.wait()
    entries: list[dict[str, Any]] = []
    grown = time()
    while sum(e["channel"] == "wecom" for e in entries) < alerts and time() - grown < LOST_S:
        found = await asyncio.to_thread(_journal, chain)
        grown = time() if len(found) > len(entries) else grown
        entries = found
        await asyncio.sleep(0.5)
    return entries


def _journal(chain: Chain) -> list[dict[str, Any]]:
    url = f"{chain.url('sandbox')}/sandbox/journal?after=0"
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 ours
        found: list[dict[str, Any]] = json.loads(answer.read())
    return found
