"""``guanchao profile rebuild``: a past out of order, an expired log, what no topic tells."""

from random import Random

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from pydantic import SecretStr
from sqlalchemy import text

from services.profile.domain.facts import tables
from services.profile.domain.topics import READ
from shared.db.session import engine
from shared.settings import PostgresSettings
from tests.kit.eventually import eventually
from tests.kit.profile import history
from tests.kit.profile_process import Stage
from tests.kit.topic import ends_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
OWN = text(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'profile'"
    " AND table_type = 'BASE TABLE' AND table_name <> ALL (:told)"
    " AND table_name <> 'unit_sums_taken' ORDER BY 1"  # says when, every second anew
)
SHAPE = text(
    "SELECT 'index' AS kind, indexdef AS said FROM pg_indexes WHERE schemaname = 'profile'"
    " UNION ALL SELECT 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'profile'::regnamespace"
    " UNION ALL SELECT 'view', viewname || definition FROM pg_views WHERE schemaname = 'profile'"
    " UNION ALL SELECT 'trigger', pg_get_triggerdef(t.oid) FROM pg_trigger t"
    " JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'profile'::regnamespace"
    " AND NOT t.tgisinternal"
)


async def test_a_past_out_of_order_and_its_rebuilding_are_the_same_rows(profile: Stage) -> None:
    """Late, corrected and repeated events; what no topic tells, and the tables' shape, stay."""
    random, past = Random(5), history(21, count=300)  # noqa: S311 a past, not a secret
    random.shuffle(past)
    await profile.tell(*past, *random.choices(past, k=60))
    await eventually(profile.caught_up, within=60)
    profile.command("keys", "new", "survivor")
    rows, own, shape = await profile.digests(), await _own(profile), await _shape(profile)
    assert sum(not said.startswith("0:") for said in rows.values()) > 15
    assert {"api_keys", "audit"} <= own.keys()
    assert profile.command("rebuild").endswith("没有 none")
    assert await profile.digests() == rows
    assert await _own(profile) == own
    assert await _shape(profile) == shape


async def test_what_the_log_no_longer_tells_is_carried_over(profile: Stage) -> None:
    """Most of every log has expired; what came late in it may be older than what is gone."""
    random, past = Random(8), history(21, count=300)  # noqa: S311 a past, not a secret
    random.shuffle(past)
    await profile.tell(*past)
    await eventually(profile.caught_up, within=60)
    rows = await profile.digests()
    assert await _expire(profile) > 0
    said = profile.command("rebuild")
    assert "照搬 carried over 0，" not in said
    assert said.endswith("没有 none")
    assert await profile.digests() == rows


async def _expire(profile: Stage) -> int:
    """Let nine tenths of what is not kept for ever expire; return how many records."""
    brokers = profile.chain.stores.kafka
    gone = {
        TopicPartition(topic.name, partition): RecordsToDelete(before_offset=end * 9 // 10)
        for topic in READ
        if not topic.compacted
        for partition, end in enumerate(await ends_of(brokers, topic.name))
        if end > 1
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    try:
        await admin.delete_records(gone)
    finally:
        await admin.close()
    return sum(one.before_offset for one in gone.values())


async def _own(profile: Stage) -> dict[str, str]:
    """Return the tables that no topic tells, each with its rows' digest."""
    told = [table.name for table in tables()]
    database = engine(PostgresSettings(dsn=SecretStr(profile.chain.dsn or "")), "profile", 1)
    found = {}
    async with database.connect() as connection:
        for name in (await connection.scalars(OWN, {"told": [*told, "offsets"]})).all():
            if any(name.startswith(f"{table}_20") for table in told):
                continue  # a month of one that is told
            query = f"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {name} t"  # noqa: E501, S608
            found[name] = str(await connection.scalar(text(query)))
    await database.dispose()
    return found


async def _shape(profile: Stage) -> list[tuple[str, str]]:
    database = engine(PostgresSettings(dsn=SecretStr(profile.chain.dsn or "")), "profile", 1)
    async with database.connect() as connection:
        found = [(row.kind, row.said) for row in await connection.execute(SHAPE)]
    await database.dispose()
    return sorted(found)
