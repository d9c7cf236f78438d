"""Evidence stands as it was written, until the retention job deletes what is too old."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deploy.embedded.stack import Stores
from services.notify.adapters.keeping import OF_ALERTS, OF_NONE, Keeping
from services.notify.domain.outcome import Sent
from shared.clock import WallClock
from tests.kit.alerts import customer_changed, raised, updated
from tests.kit.notify_ledger import Stage, desk, ledger_stage, manager, tampering

pytestmark = pytest.mark.integration
ACCOUNTS = ["80020001", "80020002", "80020003"]


ARRIVED = text(
    "INSERT INTO receipts SELECT intent_id, true, 'receipt-DELIVERED', now() FROM intents"
    " WHERE state = 'sent'"
)


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), desk(), customer_changed("c1", accounts=ACCOUNTS[:2]))
        for account in ACCOUNTS:
            await made.hear(raised(account=account))
        for claimed in await made.queue.claim(3):
            await made.teller.conclude(claimed, Sent("m"))
        async with made.database.begin() as connection:
            await connection.execute(ARRIVED)
        yield made


async def count(stage: Stage, table: str) -> int:
    return int((await stage.rows(text(f"SELECT count(*) FROM {table}")))[0][0])  # noqa: S608 ours


REFUSED = [
    "UPDATE revisions SET event = '{}'",
    "UPDATE decisions SET reason = 'budget'",
    "UPDATE intents SET sealed_body = 'x'",
    "UPDATE intents SET receiver = 'm002'",
    "UPDATE intents SET state = 'rejected' WHERE state = 'sent'",
    "UPDATE intents SET ended_at = now() WHERE state = 'sent'",
    "UPDATE attempts SET outcome = 'rejected' WHERE outcome = 'sent'",
    "UPDATE attempts SET wall_started = now()",
    "DELETE FROM attempts",
    "DELETE FROM intents",
    "DELETE FROM decisions",
    "DELETE FROM revisions",
    "UPDATE receipts SET arrived = NOT arrived",
    "DELETE FROM receipts",
    "TRUNCATE receipts",
    "TRUNCATE attempts",
    "TRUNCATE decisions",
]


@pytest.mark.parametrize("statement", REFUSED)
async def test_evidence_is_neither_changed_nor_deleted(stage: Stage, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is not changed") as refused:
        async with stage.database.begin() as connection:
            await connection.execute(text(statement))
    assert getattr(refused.value.orig, "sqlstate", "") == "23001"


async def test_what_is_not_evidence_yet_goes_on(stage: Stage) -> None:
    async with stage.database.begin() as connection:
        await connection.execute(text("UPDATE intents SET wall_retry = now(), rank = 0"))
        await connection.execute(text("UPDATE revisions SET state = 'told' WHERE state = 'told'"))
    for claimed in await stage.queue.claim(10):
        await stage.teller.conclude(claimed, Sent("m"))
    await stage.hear(updated(2, account=ACCOUNTS[0]))
    assert await count(stage, "intents") == 6


async def test_what_is_too_old_is_deleted_with_all_that_belongs_to_it(stage: Stage) -> None:
    for _ in range(3):
        for claimed in await stage.queue.claim(10):
            await stage.teller.conclude(claimed, Sent("m"))
    old, young, waiting = (raised(account=account).data.alert_id for account in ACCOUNTS)
    async with tampering(stage.database) as connection:
        for table in ("revisions", "intents", "inbox"):
            back = f"UPDATE {table} SET wall_read = now() - interval '20 years 1 day'"  # noqa: S608 ours
            which = " WHERE alert_id IN (:old, :waiting)" if table != "inbox" else ""
            given = {"old": old, "waiting": waiting} if which else {}
            await connection.execute(text(back + which), given)
    keeping = Keeping(stage.database, 20, WallClock())
    await keeping.prune()
    for table in ("alerts", "revisions"):
        left = {row[0] for row in await stage.rows(text(f"SELECT alert_id FROM {table}"))}  # noqa: S608 ours
        assert left == {young, waiting}, "what still waits is never too old"
    assert {r[0] for r in await stage.rows(text("SELECT alert_id FROM intents"))} == {young}
    assert await count(stage, "attempts") == 2
    assert await count(stage, "inbox") == 0
    await keeping.prune()
    assert await count(stage, "attempts") == 2


async def test_every_table_of_the_ledger_has_its_end(stage: Stage) -> None:
    found = await stage.rows(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'notify'")
    )
    stays = {"audit", "audit_head", "api_keys"}
    state = {"customers", "relations", "staff", "freezes", "outbox", "preferences"}
    state |= {"alembic_version"}
    assert {row[0] for row in found} == state | stays | OF_ALERTS.keys() | OF_NONE.keys()
