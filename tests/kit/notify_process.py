"""notify as a process before the gateway, over the real Kafka and PostgreSQL, for its tests."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import yaml

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from shared.contracts.topics import ACCOUNT, ALERT, CUSTOMER, STAFF
from shared.contracts.trading import ClockTicked
from shared.crypto import FieldCipher
from shared.db.migrate import run as migrate
from shared.kernel.ids import short_code
from shared.settings import PostgresSettings
from shared.streams.publish import Record
from tests.kit import wecom_seal
from tests.kit.alerts import BROKER, customer_changed, raised, staff_changed
from tests.kit.eventually import eventually
from tests.kit.policy import by_day_and_night
from tests.kit.topic import record, send

QUICK = {
    "NOTIFY_SENDING__TIMEOUT_SECONDS": "1",
    "NOTIFY_SENDING__LEASE_SECONDS": "2",
    "NOTIFY_INSTANCE_ID": "notify-test",
}
CALLED = {
    "NOTIFY_CALLBACK__TOKEN": wecom_seal.TOKEN,
    "NOTIFY_CALLBACK__AES_KEY": wecom_seal.AES_KEY,
}
NOTHING: Mapping[str, str] = MappingProxyType({})
NUMBERS = itertools.count(time.time_ns() // 10**6 % 10**7)
DESK_MOBILE = "13900000002"


@dataclass
class Stage:
    """notify and the gateway, and what a test asks of them."""

    chain: Chain
    notify: Program
    sandbox: Program
    http: httpx.AsyncClient

    async def tell(self, *events: Any) -> None:
        """Publish alerts."""
        await send(self.chain.stores.kafka, [record(ALERT.name, event) for event in events])

    async def people(self, *accounts: str) -> tuple[str, str]:
        """Publish a new manager of the accounts and the risk desk, and wait until that is read.

        Returns the manager's staff id and mobile number.
        """
        number = next(NUMBERS)
        manager, mobile = f"m{number}", f"138{number:08d}"
        cipher = FieldCipher({"k1": self.chain.stores.secrets.field_key})
        sealed = [cipher.seal(m, "staff.mobile") for m in (mobile, DESK_MOBILE)]
        events = [
            record(STAFF.name, staff_changed(manager, number, sealed_mobile=sealed[0])),
            record(STAFF.name, staff_changed("r001", number, role="risk", sealed_mobile=sealed[1])),
            record(
                CUSTOMER.name,
                customer_changed(f"c{number}", number, accounts=accounts, manager_id=manager),
            ),
        ]
        await send(self.chain.stores.kafka, events)
        await self.read()
        return manager, mobile

    async def metrics(self) -> dict[str, float]:
        shown = (await self.http.get(f"{self.chain.url('notify')}/metrics")).text
        lines = (line.rpartition(" ") for line in shown.splitlines() if line[:1] != "#")
        return {name: float(value) for name, _, value in lines}

    async def since(self, before: dict[str, float], name: str) -> float:
        """Return by how much the metrics whose names begin like this have grown."""
        now = await self.metrics()
        grown = (value - before.get(key, 0) for key, value in now.items() if key.startswith(name))
        return sum(grown)

    async def read(self) -> dict[str, float]:
        """Wait until all three topics are read."""

        async def ask() -> dict[str, float] | None:
            try:
                now = await self.metrics()
            except httpx.HTTPError:
                return None
            return now if now["notify_lag_records"] == 0 else None

        return await eventually(ask)

    async def idle(self, within: float = 60) -> dict[str, float]:
        """Wait until everything is read and every intent has ended."""

        async def ask() -> dict[str, float] | None:
            now = await self.read()
            gauges = ("notify_lag_records", "notify_waiting_alerts", "notify_open_intents")
            return now if all(now[name] == 0 for name in gauges) else None

        return await eventually(ask, within=within)

    async def journal(self, *accounts: str) -> list[dict[str, Any]]:
        """Return the gateway's journal of these accounts' alerts."""
        entries = (await self.http.get(f"{self.chain.url('sandbox')}/sandbox/journal")).json()
        codes = tuple(short_code(raised(account=a).data.alert_id) for a in accounts)
        return [e for e in entries if any(code in e["text"] for code in codes)]

    async def outcomes(self, *accounts: str) -> dict[str, dict[str, int]]:
        """Count the journal's outcomes by channel."""
        found = Counter((e["channel"], e["outcome"]) for e in await self.journal(*accounts))
        channels = ("wecom", "sms")
        return {c: {o: n for (ch, o), n in found.items() if ch == c} for c in channels}

    async def tokens(self) -> int:
        """Count the calls of gettoken so far."""
        return len((await self.http.get(f"{self.chain.url('sandbox')}/sandbox/tokens")).json())

    async def fault(self, *faults: dict[str, Any]) -> None:
        answer = await self.http.post(
            f"{self.chain.url('sandbox')}/sandbox/faults", json=list(faults)
        )
        assert answer.status_code == 200, answer.text


@dataclass(frozen=True)
class Started:
    """A running chain."""

    chain: Chain
    notify: Program
    sandbox: Program


def never_quiet(folder: Path) -> Path:
    """Write the product's policy without its quiet hours."""
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(by_day_and_night()), encoding="utf-8")
    return path


@contextmanager
def started(
    stores: Stores, folder: Path, simulated: bool, extra: Mapping[str, str] = NOTHING
) -> Iterator[Started]:
    """Run notify and the gateway over a database of their own.

    On the wall's clock nothing is muted: the tests run at any hour, 免打扰 among them.
    ``extra``: further variables.
    """
    dsn = stores.create_database(f"notify_{time.time_ns()}")
    awake = {} if simulated else {"NOTIFY_POLICY": str(never_quiet(folder))}
    chain = Chain(stores, Ports.free(), folder, simulated, dsn, QUICK | CALLED | awake | {**extra})
    migrate(PostgresSettings.model_validate({"dsn": dsn}), "notify")
    one = Started(chain, chain.program("notify"), chain.program("sandbox"))
    try:
        for program in (one.sandbox, one.notify):
            program.start()
        for program in (one.sandbox, one.notify):
            program.wait_ready()
        yield one
    finally:
        for program in (one.notify, one.sandbox):
            program.terminate()


def fresh(count: int = 1) -> list[str]:
    """Return account numbers that no other test uses."""
    start = time.time_ns() % 80_000_000
    return [str(10_000_000 + start + n) for n in range(count)]


def ticks(at: datetime) -> list[Record]:
    """Return one tick for every partition."""
    event = ClockTicked.model_validate(
        {
            "id": f"tick-{at.isoformat()}",
            "source": "tests",
            "time": at,
            "data": {"broker": BROKER, "trading_day": "2026-06-02", "at": at},
        }
    )
    value = event.encode()
    return [Record(ACCOUNT.name, b"clock", value, p) for p in range(ACCOUNT.partitions)]


async def tick(one: Stage, at: datetime) -> None:
    """Publish a tick into every partition, and show the gateway the same time."""
    await one.http.post(f"{one.chain.url('sandbox')}/sandbox/clock", json={"now": at.isoformat()})
    await send(one.chain.stores.kafka, ticks(at))
