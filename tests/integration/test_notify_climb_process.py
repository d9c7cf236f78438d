"""升级 across kill -9: notify dies on an unanswered alert's way up; no step is lost or repeated."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from shared.contracts.topics import CUSTOMER, STAFF
from shared.db.session import engine
from shared.kernel.trading_day import CHINA
from shared.settings import PostgresSettings
from tests.kit.alerts import customer_changed, raised, staff_changed
from tests.kit.eventually import eventually
from tests.kit.notify_process import NUMBERS, Stage, Started, fresh, started, tick
from tests.kit.topic import record, send

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
WEDNESDAYS = itertools.count()
"""The topic keeps the ticks of earlier tests, and time goes forward only: a week for each."""
FIRST = datetime(2026, 6, 3, 11, 25, tzinfo=CHINA)
LADDER = {"13:35": "lead", "13:45": "head", "13:55": "risk"}  # 10, 20 and 30 trading minutes
STEPS = text("SELECT alert_id, reason FROM decisions ORDER BY number")
LEVELS = {"team-lead": "lead", "branch-head": "head", "risk": "risk"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores of this file's own: one consumer group reads the topics."""
    with Stores(tmp_path_factory.mktemp("climb"), Ports.free()) as running:
        yield running


@dataclass
class Office:
    """A chain that ticks, in which alerts climb; each test's people are its own."""

    one: Stage
    name: str
    told: datetime

    def staff(self, role: str) -> str:
        return f"{role}{self.name}"

    async def people(self, accounts: Sequence[str]) -> None:
        """Publish a manager of the accounts, a lead, a head of the branch and the risk desk."""
        number, branch = next(NUMBERS), f"b{self.name}"
        above = {"leader_id": self.staff("lead"), "branch_id": branch}
        staff = [
            staff_changed(self.staff("manager"), number, **above),
            staff_changed(self.staff("lead"), number, role="team-lead", branch_id=branch),
            staff_changed(self.staff("head"), number, role="branch-head", branch_id=branch),
            staff_changed(self.staff("risk"), number, role="risk"),
        ]
        manager = self.staff("manager")
        client = customer_changed(f"c{number}", number, accounts=accounts, manager_id=manager)
        records = [record(STAFF.name, event) for event in staff]
        await send(self.one.chain.stores.kafka, [*records, record(CUSTOMER.name, client)])
        await self.one.read()

    async def heard(self, *accounts: str) -> list[str]:
        """Return who was told when, in the gateway's order; a suppressed duplicate is nothing."""
        entries = await self.one.journal(*accounts)
        told = [e for e in entries if (e["channel"], e["outcome"]) == ("wecom", "delivered")]
        return [f"{e['to'].removesuffix(self.name)} {e['at'][11:16]}" for e in told]

    async def until(self, accounts: Sequence[str], *expected: str) -> None:
        """Wait until exactly these were told, and nothing is open any more."""

        async def told() -> bool:
            return len(await self.heard(*accounts)) >= len(expected)

        await eventually(told, within=60)
        await self.one.idle()
        assert await self.heard(*accounts) == list(expected)

    async def steps(self, account: str) -> list[str]:
        """Return the named reasons of an alert's steps, in their order."""
        assert self.one.chain.dsn is not None
        database = engine(PostgresSettings.model_validate({"dsn": self.one.chain.dsn}), "notify")
        async with database.connect() as connection:
            rows = (await connection.execute(STEPS)).all()
        await database.dispose()
        alert = raised(account=account).data.alert_id
        told = [row.reason for row in rows if row.alert_id == alert]
        return [reason for reason in told if reason.startswith(("escalated-", "passed-over-"))]

    def alert(self, account: str) -> Any:
        """An alert that an older tick of the topic does not let loose too early."""
        return raised(account=account, tell_from=self.told)

    def minute(self, text: str) -> datetime:
        hour, minutes = text.split(":")
        return self.told.replace(hour=int(hour), minute=int(minutes))

    def again(self) -> None:
        """Start notify after a kill."""
        self.one.notify.start()
        self.one.notify.wait_ready()


@pytest.fixture
def running(own: Stores, tmp_path: Path) -> Iterator[Started]:
    with started(own, tmp_path, True, {"NOTIFY_ESCALATES": "true"}) as chain:
        yield chain


@pytest.fixture
async def office(running: Started) -> AsyncIterator[Office]:
    async with httpx.AsyncClient(timeout=10) as client:
        stage = Stage(running.chain, running.notify, running.sandbox, client)
        told = FIRST + next(WEDNESDAYS) * timedelta(weeks=1)
        await tick(stage, told)
        yield Office(stage, f"{next(NUMBERS)}", told)


async def test_killed_before_each_step_it_climbs_one_by_one(office: Office) -> None:
    """Each step falls due while notify is down; a kill after it repeats nothing."""
    one, (account,) = office.one, fresh()
    await office.people([account])
    await one.tell(office.alert(account))
    expected = ["manager 11:25"]
    await office.until([account], *expected)
    for due, who in LADDER.items():
        one.notify.kill()
        await tick(one, office.minute(due))
        office.again()
        expected.append(f"{who} {due}")
        await office.until([account], *expected)
    one.notify.kill()
    office.again()
    await tick(one, office.told + timedelta(days=2))
    await office.until([account], *expected)


async def test_what_fell_due_in_a_standstill_is_not_told_all_at_once(office: Office) -> None:
    """All three steps are overdue at the restart: the highest is told, the others are on record."""
    one, (account,) = office.one, fresh()
    await office.people([account])
    await one.tell(office.alert(account))
    await office.until([account], "manager 11:25")
    one.notify.kill()
    await tick(one, office.minute("14:30"))
    office.again()
    await office.until([account], "manager 11:25", "risk 14:30")
    assert await office.steps(account) == [
        "passed-over-team-lead",
        "passed-over-branch-head",
        "escalated-risk",
    ]


async def test_kills_at_any_moment_of_the_climb_lose_and_repeat_no_step(office: Office) -> None:
    """Twelve alerts climb together, and notify is killed at random moments between the ticks."""
    one, chance, accounts = office.one, random.Random(20260603), fresh(12)  # noqa: S311 a schedule
    await office.people(accounts)
    await one.tell(*(office.alert(account) for account in accounts))
    await office.until(accounts, *["manager 11:25"] * len(accounts))
    for due in (*LADDER, "13:56"):
        await tick(one, office.minute(due))
        for _ in range(2):
            await asyncio.sleep(chance.uniform(0, 1.5))
            one.notify.kill()
            office.again()
    await one.idle(within=120)
    heard = Counter(line.split()[0] for line in await office.heard(*accounts))
    assert heard["risk"] == len(accounts)
    for account in accounts:
        steps, told = await office.steps(account), await office.heard(account)
        levels = {
            step: step.removeprefix("escalated-").removeprefix("passed-over-") for step in steps
        }
        assert list(levels.values()) == list(LEVELS), "each on record, once, in order"
        taken = [LEVELS[levels[step]] for step in steps if step.startswith("escalated-")]
        assert [line.split()[0] for line in told] == ["manager", *taken]
