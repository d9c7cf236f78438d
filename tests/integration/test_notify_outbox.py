"""The outbox on a real PostgreSQL and Kafka: nothing is lost, a repeat has the same id."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.embedded.stack import Stores
from services.notify.adapters.answer_tables import outbox
from services.notify.domain.answer import Answered, Contacted, answer_id, reply
from services.notify.wiring import RELAY
from shared.contracts.replies import ReplyGiven
from shared.contracts.topics import REPLY
from shared.db.session import engine
from shared.settings import KafkaSettings, PostgresSettings
from shared.streams.outbox import Relay, put
from tests.kit.alerts import MOMENT, raised
from tests.kit.topic import read_all

pytestmark = pytest.mark.integration


@dataclass
class Stage:
    database: AsyncEngine
    brokers: str
    account: str

    def event(self, once: str) -> ReplyGiven:
        alert = raised(account=self.account).data
        which = answer_id(alert.alert_id, "m001", once)
        return reply(Answered(which, alert.alert_id, 1, "m001", Contacted(), "page", MOMENT), alert)

    async def put(self, *events: ReplyGiven) -> None:
        async with self.database.begin() as connection:
            for event in events:
                await put(connection, REPLY.name, event)

    async def left(self) -> int:
        async with self.database.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(outbox)) or 0

    async def arrived(self) -> list[str]:
        found = [json.loads(r.value) for r in await read_all(self.brokers, REPLY.name)]
        return [event["id"] for event in found if event["subject"] == f"demo:{self.account}"]


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    settings = PostgresSettings(dsn=SecretStr(fresh_database("notify")))
    database = engine(settings, "notify", pool_size=4)
    yield Stage(database, stores.kafka, uuid.uuid4().hex[:12])
    await database.dispose()


async def test_what_was_committed_arrives_in_order_and_leaves(stage: Stage) -> None:
    relay = Relay(stage.database, KafkaSettings(brokers=stage.brokers), RELAY)
    events = [stage.event(str(n)) for n in range(20)]
    await stage.put(*events)
    assert await stage.left() == 20
    assert await relay.step() is False
    assert await stage.arrived() == [event.id for event in events]
    assert await stage.left() == 0
    await relay.stop()


async def test_what_was_rolled_back_never_existed(stage: Stage) -> None:
    relay = Relay(stage.database, KafkaSettings(brokers=stage.brokers), RELAY)
    async with stage.database.connect() as connection:
        await put(connection, REPLY.name, stage.event("0"))
        await connection.rollback()
    await relay.step()
    assert await stage.arrived() == []
    await relay.stop()


async def test_without_kafka_events_wait(stage: Stage) -> None:
    await stage.put(stage.event("0"))
    nowhere = Relay(stage.database, KafkaSettings(brokers="127.0.0.1:1"), RELAY)
    assert await nowhere.step() is False
    assert await stage.left() == 1
    relay = Relay(stage.database, KafkaSettings(brokers=stage.brokers), RELAY)
    await relay.step()
    assert await stage.arrived() == [stage.event("0").id]
    await relay.stop()


async def test_one_relay_at_a_time(stage: Stage) -> None:
    """Two workers at once: each event goes out once, since the second finds the lock taken."""
    relays = [Relay(stage.database, KafkaSettings(brokers=stage.brokers), RELAY) for _ in range(2)]
    events = [stage.event(str(n)) for n in range(50)]
    await stage.put(*events)
    await asyncio.gather(*(relay.step() for relay in relays * 3))
    assert await stage.arrived() == [event.id for event in events]
    for relay in relays:
        await relay.stop()
