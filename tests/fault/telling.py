"""What notify's own rows stand on: alerts in the topic, the real notify, the gateway, a verdict.

Every alert goes to a manager of its own by 企业微信 and SMS, so the verdict needs no oracle: one
message by each channel to that person. A message that 企业微信 drops as a duplicate is not told
twice; an SMS whose acceptance nobody knows may be repeated once, and is counted apart.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import yaml

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from deploy.embedded.stack import Stores
from services.notify.domain.reconciliation import Reckoning
from services.notify.reconciling import Books, Period
from shared.contracts.topics import ALERT, CUSTOMER, STAFF
from shared.crypto import FieldCipher
from shared.db.session import engine
from shared.kernel.ids import short_code
from shared.settings import KafkaSettings, PostgresSettings
from tests.fault.asked import Asked
from tests.kit.alerts import customer_changed, raised, staff_changed
from tests.kit.eventually import eventually
from tests.kit.policy import by_day_and_night
from tests.kit.topic import record, send

AT_ONCE = 60  # alerts of one spell
QUICK = {
    "NOTIFY_SENDING__TIMEOUT_SECONDS": "1",
    "NOTIFY_SENDING__LEASE_SECONDS": "2",
    "NOTIFY_INSTANCE_ID": "notify-fault",
    "NOTIFY_ESCALATES": "false",
}
CODE = re.compile(r"\b([0-9A-F]{8})-1\b")
ACCEPTED, SUPPRESSED = "delivered", "duplicate"
SMS_MOST = 2  # one send and one repeat of it
SETTLED_S = 180.0
OPEN = "SELECT count(*) FROM notify.intents WHERE state IN ('pending', 'retry', 'sending')"
UNSURE = "SELECT alert_id FROM notify.intents WHERE channel = 'aliyun_sms' AND state = 'ambiguous'"
Message = tuple[str, str, str]
"""Code, channel, receiver."""


@dataclass
class Telling:
    """notify and the gateway over stores of their own, and who was to be told what."""

    asked: Asked
    stores: Stores
    chain: Chain
    notify: Program
    sandbox: Program
    http: httpx.AsyncClient
    wanted: set[Message] = field(default_factory=set)
    alerts: int = 0

    async def spell(self) -> None:
        """Publish some alerts, each of a new account with a manager of its own."""
        numbers = [self.alerts + n for n in range(AT_ONCE)]
        self.alerts += AT_ONCE
        cipher = FieldCipher({"k1": self.stores.secrets.field_key})
        people, told = [], []
        for n in numbers:
            manager, mobile, account = f"m{n}", f"138{n:08d}", f"{60_000_000 + n}"
            sealed = cipher.seal(mobile, "staff.mobile")
            people.append(record(STAFF.name, staff_changed(manager, 1, sealed_mobile=sealed)))
            client = customer_changed(f"c{n}", 1, accounts=[account], manager_id=manager)
            people.append(record(CUSTOMER.name, client))
            event = raised(account=account)
            code = short_code(event.data.alert_id)
            self.wanted |= {(code, "wecom", manager), (code, "sms", mobile)}
            told.append(record(ALERT.name, event))
        await send(self.stores.kafka, people)
        await send(self.stores.kafka, told)

    async def fault(self, *faults: Mapping[str, Any]) -> None:
        """Script the gateway."""
        url = f"{self.chain.url('sandbox')}/sandbox/faults"
        (await self.http.post(url, json=list(faults))).raise_for_status()

    async def open_intents(self) -> int:
        """Ask PostgreSQL, since a frozen notify answers nothing."""
        return int(await self._ask(OPEN))

    async def settle(self) -> None:
        """Wait until everything published has been heard and has ended."""

        async def ended() -> bool:
            heard = await self._ask(
                "SELECT count(*) FROM notify.revisions WHERE state <> 'waiting'"
            )
            return int(heard) >= self.alerts and await self.open_intents() == 0

        await eventually(ended, within=SETTLED_S)

    async def verdict(self) -> dict[str, Any]:
        """Compare the gateway's journal with what was to be told, and the ledger with the topic."""
        await self.settle()
        answer = await self.http.get(f"{self.chain.url('sandbox')}/sandbox/journal")
        unsure = {short_code(row["alert_id"]) for row in await self._rows(UNSURE)}
        found = judged(answer.raise_for_status().json(), self.wanted, unsure)
        sums = await self._reconciled()
        uneven = [] if sums.balances else [f"the ledger does not balance: {sorted(sums.wrong)}"]
        return {**found, "complaints": uneven}

    async def _reconciled(self) -> Reckoning:
        settings = PostgresSettings.model_validate({"dsn": self.stores.postgres_dsn})
        database = engine(settings, "notify", pool_size=1)
        try:
            books = Books(KafkaSettings(brokers=self.stores.kafka), database.connect)
            return (await books.reconcile(Period()))[0]
        finally:
            await database.dispose()

    async def _ask(self, query: str) -> Any:
        return (await self._rows(query))[0][0]

    async def _rows(self, query: str) -> Any:
        dsn = self.stores.postgres_dsn.replace("+asyncpg", "")
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()


def judged(journal: list[dict[str, Any]], wanted: set[Message], unsure: set[str]) -> dict[str, int]:
    """Count what arrived; an inversion cannot be, since each alert has one revision.

    ``unsure``: codes whose SMS notify says it cannot know of; that is reported, and is not lost.
    """
    taken: Counter[Message] = Counter()
    suppressed = 0
    for entry in journal:
        code = CODE.search(entry["text"])
        suppressed += entry["outcome"] == SUPPRESSED
        if code and entry["outcome"] == ACCEPTED:
            taken[code[1], entry["channel"], entry["to"]] += 1
    missing = wanted - taken.keys()
    unconfirmed = {m for m in missing if m[1] == "sms" and m[0] in unsure}
    again = {message: count for message, count in taken.items() if count > 1}
    return {
        "expected": len(wanted),
        "delivered": len(taken),
        "lost": len(missing - unconfirmed),
        "phantom": len(taken.keys() - wanted),
        "told_twice": sum(
            count > (SMS_MOST if channel == "sms" else 1)
            for (_, channel, _), count in again.items()
        ),
        "inversions": 0,
        "sms_repeated": sum(channel == "sms" for _, channel, _ in again),
        "sms_unconfirmed": len(unconfirmed),
        "wecom_suppressed": suppressed,
    }


@asynccontextmanager
async def telling(asked: Asked, folder: Path) -> AsyncIterator[Telling]:
    """Start stores, gateway and notify, and stop them at the end, however that comes."""
    with Stores(folder / "state", Ports.free(), fresh=True) as stores:
        policy = folder / "policy.yaml"
        policy.write_text(yaml.safe_dump(by_day_and_night()), encoding="utf-8")
        told = {**QUICK, "NOTIFY_POLICY": str(policy)}
        chain = Chain(stores, Ports.free(), folder / "chain", simulated=False, extra=told)
        await asyncio.to_thread(chain.migrate)
        programs = [chain.program(name) for name in ("sandbox", "notify")]
        sandbox, notify = programs
        try:
            for program in programs:
                program.start()
            for program in programs:
                await asyncio.to_thread(program.wait_ready)
            async with httpx.AsyncClient(timeout=30) as http:
                yield Telling(asked, stores, chain, notify, sandbox, http)
        finally:
            for program in reversed(programs):
                program.terminate()
