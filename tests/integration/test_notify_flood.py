"""5,000 alerts to one manager in a minute: the forced liquidations at once, the rest in digests.

The gateway keeps 企业微信's own limits (30 a minute to one member, dropped without a word), so what
it delivered and dropped is the proof; the ledger must account for every alert.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from sqlalchemy import text
from typer.testing import CliRunner

from deploy.cli import build
from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from services.notify.policy import SHIPPED
from shared.contracts.alerts import AlertEvent
from shared.contracts.topics import ALERT, CUSTOMER, STAFF
from shared.crypto import FieldCipher
from shared.db.migrate import migrate
from shared.db.session import engine
from shared.kernel.ids import short_code
from shared.settings import PostgresSettings
from tests.kit.alerts import customer_changed, raised, staff_changed
from tests.kit.eventually import eventually
from tests.kit.topic import record, send

pytestmark = [
    pytest.mark.full,
    pytest.mark.integration,
    pytest.mark.timeout(900),
    pytest.mark.skipif("TEST_BUDGET_S" in os.environ, reason="too long: make test-full runs it"),
]
ALERTS, SECONDS = 5_000, 50
URGENT = 8  # what the reserve above the others' 20 a minute holds
AT_ONCE_S, ALL_S = 15.0, 400.0  # at once, on a machine that has other work
CODE = re.compile(r"\b([0-9A-F]{8})-1\b")
BALANCE = text(
    "SELECT count(*) AS raised,"
    " count(*) FILTER (WHERE r.state = 'told' AND i.state = 'sent') AS told,"
    " count(*) FILTER (WHERE r.state = 'told' AND i.state = 'merged' AND d.state = 'sent')"
    " AS merged,"
    " count(*) FILTER (WHERE r.state = 'suppressed') AS suppressed,"
    " count(*) FILTER (WHERE r.state = 'waiting' OR i.state IN ('pending', 'retry', 'sending')"
    " OR d.state IN ('pending', 'retry', 'sending')) AS open,"
    " count(*) FILTER (WHERE r.state = 'undeliverable') AS undeliverable"
    " FROM notify.revisions r"
    " LEFT JOIN notify.intents i ON i.alert_id = r.alert_id AND i.revision = r.revision"
    " AND i.channel = 'wecom_app' LEFT JOIN notify.intents d ON d.intent_id = i.merged_into"
)


def policy(folder: Path) -> Path:
    """The product's, at any hour of the day, with a digest after ten seconds."""
    told: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    told["quiet_hours"]["urgencies"] = []
    told["digest"] = {"after_seconds": 10, "at_least": 2, "at_most": 500}
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path


@pytest.fixture
async def chain(own_stores: Stores, tmp_path: Path) -> AsyncIterator[Chain]:
    extra = {"NOTIFY_POLICY": str(policy(tmp_path))}
    made = Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=False, extra=extra)
    await migrate(PostgresSettings.model_validate({"dsn": own_stores.postgres_dsn}), "notify")
    programs = [made.program(name) for name in ("sandbox", "notify")]
    try:
        for program in programs:
            program.start()
        for program in programs:
            await asyncio.to_thread(program.wait_ready)
        yield made
    finally:
        for program in programs:
            program.terminate()


async def journal(chain: Chain) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.get(f"{chain.url('sandbox')}/sandbox/journal")
    return [entry for entry in answer.json() if entry["channel"] == "wecom"]


async def balance(chain: Chain) -> dict[str, int]:
    settings = PostgresSettings.model_validate({"dsn": chain.stores.postgres_dsn})
    database = engine(settings, "notify", pool_size=1)
    try:
        async with database.connect() as connection:
            row = (await connection.execute(BALANCE)).one()
            return {name: int(value) for name, value in row._asdict().items()}
    finally:
        await database.dispose()


async def the_day_balances(chain: Chain) -> None:
    """Reconcile by the product's own command, from Kafka's records to the ledger's attempts."""
    places = ("--brokers", chain.stores.kafka, "--postgres", chain.stores.postgres_dsn)
    asked = ["notify", "reconcile", "--json", *places]

    async def all_of_it() -> dict[str, Any] | None:
        done = await asyncio.to_thread(CliRunner().invoke, build("notify"), asked)
        assert done.exit_code == 0, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told if told["alerts"]["raised"] == ALERTS else None

    sums = await eventually(all_of_it, within=60, every=1)
    alerts, intents = sums["alerts"], sums["intents"]
    assert sums["balances"]
    assert alerts["told"] + alerts["merged"] == ALERTS
    assert (intents["failed"], intents["ambiguous"], intents["open"]) == (0, 0, 0)


def alert(number: int, account: str) -> AlertEvent:
    if number % (ALERTS // URGENT) == 0:
        return raised(account=account, rule="forced_liquidation", message_type="强平")
    return raised(account=account, urgency="middle")


async def test_a_flood_reaches_the_manager_as_digests_and_the_urgent_at_once(chain: Chain) -> None:
    cipher = FieldCipher({"k1": chain.stores.secrets.field_key})
    accounts = [f"8{n:07}" for n in range(ALERTS)]
    sealed = cipher.seal("13800000001", "staff.mobile")
    await send(
        chain.stores.kafka,
        [
            record(STAFF.name, staff_changed("m001", sealed_mobile=sealed)),
            record(CUSTOMER.name, customer_changed("c1", accounts=accounts)),
        ],
    )
    flood = [alert(n, account) for n, account in enumerate(accounts)]
    told_at: dict[str, float] = {}
    began = time.time()
    for second, start in enumerate(range(0, ALERTS, ALERTS // SECONDS)):
        await asyncio.sleep(max(0.0, began + second - time.time()))  # the flood's own pace
        now_due = flood[start : start + ALERTS // SECONDS]
        told_at |= {short_code(event.data.alert_id): time.time() for event in now_due}
        await send(chain.stores.kafka, [record(ALERT.name, event) for event in now_due])

    async def urgent() -> list[dict[str, Any]] | None:
        found = [entry for entry in await journal(chain) if entry["title"] == "强平"]
        return found if len(found) == URGENT else None

    told = await eventually(urgent, within=ALL_S, every=1)
    assert {entry["outcome"] for entry in told} == {"delivered"}

    async def ended() -> dict[str, int] | None:
        now = await balance(chain)
        return now if now["raised"] == ALERTS and now["open"] == 0 else None

    now = await eventually(ended, within=ALL_S, every=1)
    assert now["told"] + now["merged"] + now["suppressed"] + now["undeliverable"] == ALERTS
    assert (now["suppressed"], now["undeliverable"]) == (0, 0)
    assert now["told"] >= URGENT
    assert now["merged"] > ALERTS * 0.9

    entries = await journal(chain)
    assert {entry["outcome"] for entry in entries} == {"delivered"}  # its own limiter dropped none
    digests = [entry for entry in entries if "（摘要）" in entry["title"]]
    assert len(entries) == now["told"] + len(digests)
    ours = {short_code(event.data.alert_id) for event in flood}
    assert {code(entry) for entry in entries if entry not in digests} <= ours
    walls = sorted(entry["wall"] for entry in entries)
    busiest = max(sum(at <= other < at + 60 for other in walls) for at in walls)
    assert busiest <= 30  # by the gateway's clock; ours lets 28 go
    await the_day_balances(chain)
    took = [entry["wall"] - told_at[code(entry)] for entry in told]
    assert max(took) < AT_ONCE_S, f"the slowest urgent one took {max(took):.1f} s"


def code(entry: dict[str, Any]) -> str:
    """Return the alert's code that the card shows."""
    found = CODE.search(entry["text"])
    assert found is not None
    return found[1]
