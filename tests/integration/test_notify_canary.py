"""金丝雀 through the ledger: sent once a day, seen by its age, told another way when it is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner, Result

from deploy.embedded.stack import Stores
from services.notify.adapters.directory import People
from services.notify.adapters.ledger import PostgresLedger
from services.notify.commands.notify import app
from services.notify.domain.canary import Canary, notices, which
from services.notify.domain.channel import Receipt
from services.notify.domain.climb import Escalation
from services.notify.domain.duty import trading
from services.notify.domain.outcome import Rejected, Sent
from services.notify.guarding import Guard
from services.notify.receiving import receive
from shared.kernel.ids import short_code
from shared.kernel.trading_day import CHINA, china
from tests.kit.alerts import POLICY, staff_changed
from tests.kit.eventually import eventually
from tests.kit.notify_ledger import CIPHER, Stage, desk, ledger_stage
from tests.kit.notify_process import Stage as Process
from tests.kit.notify_process import Started, started

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
ROBIN = Canary(broker="demo", staff="ops1")
PHONE = staff_changed(
    "ops1", role="operator", sealed_mobile=CIPHER.seal("13812345678", "staff.mobile")
)
RISK = desk(sealed_mobile=CIPHER.seal("13900000002", "staff.mobile"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=CHINA)


def age(channel: str) -> float:
    """Hours since its last canary, as the gauge says."""
    found = REGISTRY.get_sample_value("notify_canary_age_seconds", {"channel": channel})
    return -1 if found is None else found / 3600


@dataclass
class Watch:
    stage: Stage

    def guard(self, reporting: Collection[str] = (), canary: Canary | None = ROBIN) -> Guard:
        """A worker that has just been started."""
        hours = trading(china())
        return Guard(self.stage.database, self.stage.teller, hours, canary, reporting)

    async def send(self, *refused: str) -> None:
        while claimed := await self.stage.queue.claim(10):
            for one in claimed:
                bad = one.channel in refused
                outcome = Rejected("errcode-40058") if bad else Sent(f"id-{one.channel}")
                await self.stage.teller.conclude(one, outcome)

    async def told(self) -> list[str]:
        return [" ".join(line.split()[1:3]) for line in await self.stage.intents()]


@pytest.fixture
async def watch(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Watch]:
    async with ledger_stage(stores, fresh_database("notify")) as one:
        one.clock.advance(at("02T08:29"))
        policy = POLICY.model_copy(update={"notices": notices(ROBIN, POLICY)})
        ledger = PostgresLedger(
            one.database, People(CIPHER, "risk", always=frozenset({"ops1"})), CIPHER
        )
        ladders = Escalation(policy, china())
        teller = replace(one.teller, ledger=ledger, policy=policy, escalation=ladders)
        one.teller = teller
        await one.learn(PHONE, RISK)
        yield Watch(one)


async def test_a_canary_is_sent_once_a_day_and_its_age_is_seen(watch: Watch) -> None:
    one = watch.stage
    first = watch.guard()
    await first.look()
    assert await watch.told() == [], "not before its time"
    one.clock.advance(at("02T08:30"))
    for worker in (first, watch.guard(), first):
        await worker.look()
    assert await watch.told() == ["ops1 wecom_app", "ops1 aliyun_sms"]
    await watch.send()
    one.clock.advance(at("02T10:30"))
    await watch.guard().look()
    assert (age("wecom_app"), age("aliyun_sms")) == (2, 2)
    one.clock.advance(at("03T08:30"))
    await first.look()
    assert len(await watch.told()) == 4
    assert age("wecom_app") == 24


async def test_a_channel_that_lost_it_is_told_by_the_other_one_once(watch: Watch) -> None:
    one = watch.stage
    one.clock.advance(at("02T08:30"))
    await watch.guard().look()
    await watch.send("wecom_app")
    one.clock.advance(at("02T08:44"))
    await watch.guard().look()
    assert len(await watch.told()) == 2, "it still has a minute"
    for moment in ("02T08:45", "02T08:46"):
        one.clock.advance(at(moment))
        await watch.guard().look()
    assert (await watch.told())[2:] == ["r001 aliyun_sms"]
    assert (age("wecom_app"), age("aliyun_sms")) == (16 / 60, 16 / 60)


async def test_where_the_provider_reports_only_a_receipt_counts(watch: Watch) -> None:
    one = watch.stage
    one.clock.advance(at("02T08:30"))
    await watch.guard().look()
    await watch.send()
    one.clock.advance(at("02T08:45"))
    reporting = ("aliyun_sms",)
    receipt = Receipt("id-aliyun_sms", True, "receipt-DELIVERED", at("02T08:31"))
    ledger = one.teller.ledger
    assert isinstance(ledger, PostgresLedger)
    assert await receive(ledger, one.teller, "aliyun_sms", receipt) == "arrived"
    await watch.guard(reporting).look()
    assert len(await watch.told()) == 2
    one.clock.advance(at("03T08:30"))
    await watch.guard(reporting).look()
    await watch.send()
    one.clock.advance(at("03T08:45"))
    await watch.guard(reporting).look()
    assert (await watch.told())[4:] == ["r001 wecom_app"], "taken, and never reported"


async def test_nothing_sent_for_long_in_trading_hours_is_told(watch: Watch) -> None:
    one = watch.stage
    one.clock.advance(at("02T08:30"))
    guard = watch.guard()
    await guard.look()
    await watch.send()
    one.clock.advance(at("02T15:30"))
    await guard.look()
    assert REGISTRY.get_sample_value("notify_silent_seconds") == 225 * 60
    for moment in ("02T21:14", "02T21:16", "02T21:20"):
        one.clock.advance(at(moment))
        await watch.guard().look()
    assert (await watch.told())[2:] == ["r001 wecom_app", "r001 aliyun_sms"]
    assert REGISTRY.get_sample_value("notify_silent_seconds") == 245 * 60


async def test_without_settings_silence_is_measured_and_nobody_is_told(watch: Watch) -> None:
    one = watch.stage
    guard = watch.guard(canary=None)
    one.clock.advance(at("02T09:00"))
    await guard.look()
    one.clock.advance(at("02T21:30"))
    await guard.look()
    assert await watch.told() == []
    assert REGISTRY.get_sample_value("notify_silent_seconds") == 255 * 60


@pytest.fixture
def running(own_stores: Stores, tmp_path: Path) -> Iterator[Started]:
    told = {
        "NOTIFY_CANARY__BROKER": "demo",
        "NOTIFY_CANARY__STAFF": "r001",
        "NOTIFY_CANARY__AT": "00:00",
    }
    with started(own_stores, tmp_path, simulated=False, extra=told) as chain:
        yield chain


async def test_the_process_sends_it_to_the_chosen_phone(running: Started) -> None:
    """From its settings to two phones of the gateway, and to the gauge."""
    async with httpx.AsyncClient(timeout=10) as client:
        one = Process(running.chain, running.notify, running.sandbox, client)
        await one.people("10000001")

        async def ages() -> dict[str, float] | None:
            now = await one.metrics()
            names = [f'notify_canary_age_seconds{{channel="{c}"}}' for c in ROBIN.channels]
            entries = (await client.get(f"{one.chain.url('sandbox')}/sandbox/journal")).json()
            sung = {e["channel"] for e in entries if e["outcome"] == "delivered"}
            return now if sung == {"wecom", "sms"} and all(n in now for n in names) else None

        now = await eventually(ages, within=90)
        assert now["notify_silent_seconds"] >= 0
        journal = (await client.get(f"{one.chain.url('sandbox')}/sandbox/journal")).json()
        (card,) = (e for e in journal if e["channel"] == "wecom")
        (sms,) = (e for e in journal if e["channel"] == "sms")
        today = datetime.fromisoformat(card["at"]).astimezone(CHINA).date()
        code = short_code(which(Canary(broker="demo", staff="r001"), today))
        assert (card["to"], card["title"]) == ("r001", "通道自检")
        assert code in card["text"]
        assert code in sms["text"]
        assert not sms.get("overlong")

        async def now_to(staff: str, *more: str) -> Result:
            """One more, by hand, with the settings that notify itself has."""
            env = running.chain.environment() | {"NOTIFY_CANARY__BROKER": "demo"}
            words = ["canary", "--staff", staff, *more]
            return await asyncio.to_thread(lambda: CliRunner().invoke(app, words, env=env))

        said = await now_to("r001")
        assert said.exit_code == 0, said.output
        assert said.output.count("已送出 sent") >= 2
        journal = (await client.get(f"{one.chain.url('sandbox')}/sandbox/journal")).json()
        assert [e["channel"] for e in journal if "手动自检" in e["text"]].count("wecom") == 1
        said = await now_to("r001", "--channel", "mail")
        assert (said.exit_code, "no-mail" in said.output) == (2, True), said.output
        said = await now_to("nobody")
        assert (said.exit_code, "nobody，或已离职" in said.output) == (2, True), said.output
