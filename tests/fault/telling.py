"""What notify's own rows stand on: alerts in the topic, the real notify, the gateway, a verdict.

Every alert goes to a manager of its own by 企业微信 and SMS, so the verdict needs no oracle: one
message by each channel to that person. See ``told`` for what counts as told twice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import ALERT, CUSTOMER, STAFF
from shared.crypto import FieldCipher
from shared.db.session import engine
from shared.kernel.ids import short_code
from shared.settings import KafkaSettings, PostgresSettings
from tests.fault.asked import Asked
from tests.fault.proxy import Proxy
from tests.fault.scene import USUAL, Client, Scene
from tests.fault.told import Message, judged
from tests.kit.alerts import MOMENT, customer_changed, raised, staff_changed, updated
from tests.kit.eventually import eventually
from tests.kit.notify_process import ticks
from tests.kit.policy import by_day_and_night
from tests.kit.topic import record, send

AT_ONCE = 60  # alerts of one spell
QUICK = {
    "NOTIFY_SENDING__TIMEOUT_SECONDS": "1",
    "NOTIFY_SENDING__LEASE_SECONDS": "2",
    "NOTIFY_INSTANCE_ID": "notify-fault",
    "NOTIFY_ESCALATES": "false",
}
SETTLED_S = 180.0
MOMENTS = 2_000
OPEN = "SELECT count(*) FROM notify.intents WHERE state IN ('pending', 'retry', 'sending')"
UNSURE = (
    "SELECT alert_id, revision FROM notify.intents"
    " WHERE channel = 'aliyun_sms' AND state = 'ambiguous'"
)
HEARD = "SELECT count(*) FROM notify.revisions WHERE state <> 'waiting'"


@dataclass
class Telling:
    """notify and the gateway over stores of their own, and who was to be told what."""

    asked: Asked
    stores: Stores
    chain: Chain
    notify: Program
    sandbox: Program
    http: httpx.AsyncClient
    proxy: Proxy
    wanted: set[Message] = field(default_factory=set)
    alerts: int = 0
    now: datetime = MOMENT
    clients: int = 0

    def newcomers(self, urgency: str = "high") -> Sequence[Client]:
        """Return the clients of the next spell."""
        return [Client(self.clients + n, urgency) for n in range(AT_ONCE)]

    async def spell(
        self, wecom: Mapping[str, str] | None = None, urgency: str = "high"
    ) -> Sequence[Client]:
        """Publish some alerts, each of a new account with a manager of its own.

        ``wecom``: manager → another user id there than the staff id.
        """
        new, cipher, people = self.newcomers(urgency), self._cipher(), []
        self.clients += len(new)
        for one in new:
            sealed = cipher.seal(one.mobile, "staff.mobile")
            known = {"wecom_userid": (wecom or {}).get(one.manager, one.manager)}
            people.append(
                record(STAFF.name, staff_changed(one.manager, 1, sealed_mobile=sealed, **known))
            )
            client = customer_changed(
                f"c{one.number}", 1, accounts=[one.account], manager_id=one.manager
            )
            people.append(record(CUSTOMER.name, client))
            self.wanted |= one.messages()
        await send(self.stores.kafka, people)
        await self._publish(raised(account=one.account, urgency=urgency) for one in new)
        return new

    async def revise(self, clients: Iterable[Client], revision: int) -> None:
        """Publish a further revision of some clients' alerts."""
        told = list(clients)
        for one in told:
            self.wanted |= one.messages(revision)
        await self._publish(
            updated(revision, account=one.account, urgency=one.urgency) for one in told
        )

    async def pass_time(self, by: timedelta) -> None:
        """Move business time on, notify's and the gateway's."""
        self.now += by
        url = f"{self.chain.url('sandbox')}/sandbox/clock"
        (await self.http.post(url, json={"now": self.now.isoformat()})).raise_for_status()
        await send(self.stores.kafka, ticks(self.now))

    async def fault(self, *faults: Mapping[str, Any]) -> None:
        """Script the gateway."""
        url = f"{self.chain.url('sandbox')}/sandbox/faults"
        (await self.http.post(url, json=list(faults))).raise_for_status()

    async def heal(self) -> None:
        """End what the gateway was told to do wrong."""
        url = f"{self.chain.url('sandbox')}/sandbox/faults"
        (await self.http.delete(url)).raise_for_status()

    async def journal(self) -> list[dict[str, Any]]:
        """Return every request that the gateway has answered."""
        answer = await self.http.get(f"{self.chain.url('sandbox')}/sandbox/journal")
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    async def open_intents(self) -> int:
        """Ask PostgreSQL, since a frozen notify answers nothing."""
        return int((await self.rows(OPEN))[0][0])

    async def heard(self) -> int:
        """Count the revisions that were decided."""
        return int((await self.rows(HEARD))[0][0])

    async def caught(self) -> bool:
        """Freeze notify at a random moment at which it has open intents; False: there was none."""
        for _ in range(MOMENTS):
            await asyncio.sleep(self.asked.chance.uniform(0, 0.05))
            self.notify.freeze()
            if await self.open_intents():
                return True
            self.notify.thaw()
        return False

    async def settle(self) -> None:
        """Wait until everything published has been heard and has ended."""

        async def ended() -> bool:
            return await self.heard() >= self.alerts and await self.open_intents() == 0

        await eventually(ended, within=SETTLED_S)

    async def verdict(self) -> dict[str, Any]:
        """Compare the gateway's journal with what was to be told, and the ledger with the topic."""
        await self.settle()
        unsure = {(short_code(r["alert_id"]), r["revision"]) for r in await self.rows(UNSURE)}
        found = judged(await self.journal(), self.wanted, unsure)
        sums = await self._reconciled()
        uneven = [] if sums.balances else [f"the ledger does not balance: {sorted(sums.wrong)}"]
        return {**found, "complaints": uneven}

    async def rows(self, query: str) -> Any:
        """Ask PostgreSQL itself."""
        connection = await asyncpg.connect(self.stores.postgres_dsn.replace("+asyncpg", ""))
        try:
            return await connection.fetch(query)
        finally:
            await connection.close()

    async def _publish(self, events: Iterable[AlertEvent]) -> None:
        told = [record(ALERT.name, event) for event in events]
        self.alerts += len(told)
        await send(self.stores.kafka, told)

    def _cipher(self) -> FieldCipher:
        return FieldCipher({"k1": self.stores.secrets.field_key})

    async def _reconciled(self) -> Reckoning:
        settings = PostgresSettings.model_validate({"dsn": self.stores.postgres_dsn})
        database = engine(settings, "notify", pool_size=1)
        try:
            books = Books(KafkaSettings(brokers=self.stores.kafka), database.connect)
            return (await books.reconcile(Period()))[0]
        finally:
            await database.dispose()


@asynccontextmanager
async def telling(asked: Asked, folder: Path, scene: Scene = USUAL) -> AsyncIterator[Telling]:
    """Start stores, gateway and notify, and stop them at the end, however that comes."""
    async with AsyncExitStack() as stack:
        stores = stack.enter_context(Stores(folder / "state", Ports.free(), fresh=True))
        proxy = await stack.enter_async_context(Proxy.before(stores.postgres_dsn))
        policy = folder / "policy.yaml"
        policy.write_text(yaml.safe_dump(by_day_and_night() | dict(scene.policy)), encoding="utf-8")
        told = {**QUICK, "NOTIFY_POLICY": str(policy), **scene.extra}
        dsn = proxy.dsn if scene.proxied else None
        chain = Chain(stores, Ports.free(), folder / "chain", scene.simulated, dsn, told)
        await asyncio.to_thread(chain.migrate)
        sandbox, notify = (chain.program(name) for name in ("sandbox", "notify"))
        for program in (sandbox, notify):
            stack.push_async_callback(asyncio.to_thread, program.terminate)  # the proxy goes on
            program.start()
        for program in (sandbox, notify):
            await asyncio.to_thread(program.wait_ready)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        stage = Telling(asked, stores, chain, notify, sandbox, http, proxy)
        if scene.simulated:
            await stage.pass_time(timedelta())
        yield stage
