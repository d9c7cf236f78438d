"""Alerts for notify and the gateway they reach: a site of managers, each with a few accounts.

The product's policy, but by day and night and with budgets that hold nothing back; the sandbox's
own limits are lifted, so that it takes what it can.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter, time
from typing import Any

import httpx
import yaml

from bench.verdict import Refused
from deploy.embedded.processes import Chain
from deploy.embedded.program import Program
from services.notify.policy import SHIPPED
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.customers import CUSTOMERS
from shared.contracts.event import Event, sequence_of
from shared.contracts.staff import STAFF
from shared.contracts.topics import ALERT, CUSTOMER
from shared.contracts.topics import STAFF as STAFF_TOPIC
from shared.kernel.ids import alert_id, revision_id
from shared.settings import KafkaSettings
from shared.streams.publish import Record, producer, publish

BROKER, MANAGERS, PLENTY = "bench", 100, 100_000_000
LOST_S, LOOK_S = 60.0, 0.2


def policy(folder: Path) -> Path:
    """Write the policy under which everything goes at once, its budgets still counted."""
    told: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    for windows in told["budgets"].values():
        for window in windows:
            window.update(limit=PLENTY, reserve=PLENTY)
    told["quiet_hours"]["urgencies"] = []
    told.update(digest=None, grouping=None, inhibits={}, repeat_minutes={})
    folder.mkdir(parents=True, exist_ok=True)
    path = (folder / "policy.yaml").resolve()
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path


def account(number: int) -> str:
    """Return an account's number."""
    return f"8{number:07}"


def alert(number: int, episode: str, urgency: str = "middle") -> AlertEvent:
    """Return a raised alert of an account; another episode is another alert."""
    subject, now = f"{BROKER}:{account(number)}", datetime.now(UTC)  # noqa: TID251 a stopwatch
    which = alert_id("large_deposit", subject, episode)
    body = {
        "broker": BROKER,
        "account": account(number),
        "trading_day": date(2026, 6, 1),
        "alert_id": which,
        "revision": 1,
        "rule": "large_deposit",
        "rule_version": 1,
        "message_type": "大额入金",
        "module": "提醒",
        "urgency": urgency,
        "episode": episode,
        "happened_at": now,
        "summary": "今日累计入金500万元，达到警戒线500万元",
        "facts": {"今日累计": "500万元", "警戒线": "500万元"},
        "action": "请联系客户。",
        "provisional": True,
        "passport": {
            "rule_version": 1,
            "thresholds": {},
            "calendar": "bench",
            "topic": "futures.account.v1",
            "partition": 0,
            "offset": 0,
            "event_id": "e",
            "before": "{}",
        },
    }
    event = {
        "id": str(revision_id(which, "alert.raised", 1)),
        "source": "mot",
        "type": "alert.raised",
        "subject": subject,
        "time": now,
        "data": body,
    }
    return ALERTS.validate_python(event)


def directory(accounts: int) -> Iterator[Record]:
    """Yield who looks after which account: every hundredth belongs to the same manager."""
    for manager in range(MANAGERS):
        person = {
            "broker": BROKER,
            "staff_id": f"m{manager}",
            "display_name": "王*",
            "role": "manager",
            "wecom_userid": f"m{manager}",
        }
        yield _record(STAFF_TOPIC.name, _changed(STAFF, "staff", f"m{manager}", person))
        client = {
            "broker": BROKER,
            "customer_id": f"c{manager}",
            "customer_type": "自然人",
            "display_name": "张**",
            "sealed_name": "k1.x",
            "relations": [
                {"account": account(n), "manager_id": f"m{manager}"}
                for n in range(manager, accounts, MANAGERS)
            ],
        }
        yield _record(CUSTOMER.name, _changed(CUSTOMERS, "customer", f"c{manager}", client))


def _changed(adapter: Any, kind: str, subject: str, data: Mapping[str, Any]) -> Event:
    made: Event = adapter.validate_python(
        {
            "id": f"{kind}-{subject}",
            "source": "bench",
            "type": f"{kind}.changed",
            "subject": subject,
            "time": datetime.now(UTC),  # noqa: TID251 a stopwatch
            "sequence": sequence_of(1),
            "data": data,
        }
    )
    return made


def _record(topic: str, event: Event) -> Record:
    return Record(topic, event.subject.encode(), event.encode())


@dataclass(frozen=True)
class Site:
    """notify and the gateway."""

    chain: Chain
    notify: Program

    async def publish(self, records: Iterable[Record]) -> None:
        """Write records and wait until they are there."""
        sender = producer(KafkaSettings(brokers=self.chain.stores.kafka))
        await sender.start()
        try:
            await publish(sender, list(records))
        finally:
            await sender.stop()

    async def raise_(self, alerts: Iterable[AlertEvent]) -> None:
        """Publish alerts."""
        await self.publish(_record(ALERT.name, event) for event in alerts)

    async def accepted(self, after: int) -> list[dict[str, Any]]:
        """Return the gateway's journal behind an entry's number."""
        url = f"{self.chain.url('sandbox')}/sandbox/journal?after={after}"
        async with httpx.AsyncClient(timeout=60) as client:
            found: list[dict[str, Any]] = (await client.get(url)).json()
        return found

    async def until(self, count: int, after: int) -> list[dict[str, Any]]:
        """Return the journal once it holds ``count`` more entries, each delivered once."""
        found: list[dict[str, Any]] = []
        deadline = perf_counter() + LOST_S
        while len(found) < count:
            if perf_counter() > deadline:
                raise Refused(f"{count - len(found)} of {count} messages did not arrive")
            await asyncio.sleep(LOOK_S)
            more = await self.accepted(after + len(found))
            deadline = perf_counter() + LOST_S if more else deadline
            found += more
        if {entry["outcome"] for entry in found} != {"delivered"}:
            raise Refused("a message was not delivered, or twice")
        return found

    async def flowing(self, count: int, after: int) -> None:
        """Wait until the journal holds ``count`` more entries, whatever was said to them."""
        deadline = perf_counter() + LOST_S
        while len(await self.accepted(after)) < count:
            if perf_counter() > deadline:
                raise Refused("nothing is being sent")
            await asyncio.sleep(LOOK_S)

    async def caught_up(self) -> None:
        """Wait until notify has read all and sent all."""
        deadline = perf_counter() + LOST_S
        async with httpx.AsyncClient(timeout=30) as client:
            while perf_counter() < deadline:
                shown = (await client.get(f"{self.chain.url('notify')}/metrics")).text
                gauges = dict(line.rsplit(" ", 1) for line in shown.splitlines() if line[:1] != "#")
                names = ("notify_lag_records", "notify_open_intents")
                if all(float(gauges[name]) == 0 for name in names):
                    return
                await asyncio.sleep(LOOK_S)
        raise Refused("notify did not come to rest")


@contextmanager
def site(chain: Chain) -> Iterator[Site]:
    """Run the gateway, its limits lifted; notify is there and not yet started."""
    chain.migrate()
    usual = chain.program("sandbox").recipe
    argv = (*usual.argv, "--limits", "lifted")
    sandbox = Program(replace(usual, argv=argv), chain.stores.state.roster)
    notify = chain.program("notify")
    sandbox.start()
    try:
        sandbox.wait_ready()
        yield Site(chain, notify)
    finally:
        for program in (notify, sandbox):
            program.terminate()


async def paced(one: Site, alerts: list[AlertEvent], rate: float) -> dict[str, float]:
    """Publish in an open loop; return when each alert was due, by its message's code."""
    sender = producer(KafkaSettings(brokers=one.chain.stores.kafka))
    await sender.start()
    due: dict[str, float] = {}
    try:
        began = time()
        for number, event in enumerate(alerts):
            at = began + number / rate
            if (wait := at - time()) > 0:
                await asyncio.sleep(wait)
            due[event.data.alert_id.hex[:8].upper()] = at
            await sender.send(ALERT.name, event.encode(), event.subject.encode())
        await sender.flush()
    finally:
        await sender.stop()
    return due
