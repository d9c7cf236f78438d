"""The real notify and the sandbox gateway of a row: one manager for each account."""

import asyncio
import math
from time import monotonic
from typing import Any

import httpx

from deploy.embedded.processes import Chain
from deploy.embedded.program import stop_all
from shared.contracts.topics import CUSTOMER, STAFF
from tests.fault.stream import Stream
from tests.fault.workload import BROKER
from tests.kit.alerts import customer_changed, staff_changed
from tests.kit.eventually import eventually
from tests.kit.topic import record, send

PATIENT = {  # a busy machine is no dead gateway: only faults may make notify unsure
    "NOTIFY_SENDING__TIMEOUT_SECONDS": "30",
    "NOTIFY_SENDING__LEASE_SECONDS": "60",
    "NOTIFY_INSTANCE_ID": "notify-fault",
}
LOOK_S, STUCK_S = 0.5, 240  # seconds
GAUGES = ("notify_lag_records", "notify_waiting_alerts", "notify_open_intents")


class Gateway:
    """Who is told: ``receiver_of`` account key → the userid of its manager, 企业微信 alone."""

    def __init__(self, chain: Chain, accounts: list[str]) -> None:
        self._chain, self._accounts = chain, accounts
        self._programs = [chain.program(name) for name in ("sandbox", "notify")]
        self.receiver_of = {f"{BROKER}:{account}": f"m{account}" for account in accounts}

    async def start(self) -> None:
        """Tell who the managers are, and wait until notify knows them."""
        await asyncio.to_thread(self._chain.migrate)
        for program in self._programs:
            program.start()
        for program in self._programs:
            await asyncio.to_thread(program.wait_ready)
        staff = [staff_changed(f"m{a}", broker=BROKER) for a in self._accounts]
        clients = [
            customer_changed(f"c{a}", accounts=[a], manager_id=f"m{a}", broker=BROKER)
            for a in self._accounts
        ]
        records = [record(STAFF.name, event) for event in staff]
        records += [record(CUSTOMER.name, event) for event in clients]
        await send(self._chain.stores.kafka, records)
        await eventually(self._idle, within=60)

    def stop(self) -> None:
        stop_all(self._programs)

    async def settle(self, stream: Stream) -> None:
        """Wait until everything is sent; business time goes on, or a budget would never refill.

        A busy machine may take its time: it fails when what is left no longer grows less.
        """
        least, since = math.inf, monotonic()
        while least > 0:
            await stream.tick()
            left = await self._left()
            if left < least:
                least, since = left, monotonic()
            elif monotonic() - since > STUCK_S:
                raise AssertionError(f"{least} never sent; nothing more in {STUCK_S} s")
            await asyncio.sleep(LOOK_S)

    async def journal(self) -> list[dict[str, Any]]:
        """Return what the gateway has written down."""
        async with httpx.AsyncClient(timeout=60) as http:
            answer = await http.get(f"{self._chain.url('sandbox')}/sandbox/journal")
            found: list[dict[str, Any]] = answer.raise_for_status().json()
            return found

    async def _idle(self) -> bool:
        return await self._left() == 0

    async def _left(self) -> float:
        """Return how much notify has still to do; NaN: it cannot say."""
        try:
            async with httpx.AsyncClient(timeout=10) as http:
                shown = (await http.get(f"{self._chain.url('notify')}/metrics")).text
        except httpx.HTTPError:
            return math.nan
        pairs = (line.rpartition(" ") for line in shown.splitlines() if line[:1] != "#")
        now = {name: float(value) for name, _, value in pairs}
        return sum(now.get(name, math.nan) for name in GAUGES)
