"""What the ledger tells of an alert afterwards, at the operator's terminal."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.notify.domain.outcome import Rejected, Retry, Sent
from shared.kernel.ids import short_code
from tests.kit.alerts import ACCOUNT, customer_changed, raised, updated
from tests.kit.notify_ledger import MOBILE, Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration


@dataclass
class Desk:
    """A ledger, and a terminal before it."""

    stage: Stage
    dsn: str

    async def guanchao(self, *words: str) -> Result:
        told = ("notify", *words, "--postgres", self.dsn)
        return await asyncio.to_thread(lambda: CliRunner().invoke(build("notify"), told))


@pytest.fixture
async def at(stores: Stores, fresh_database: Callable[[], str]) -> AsyncIterator[Desk]:
    dsn = fresh_database()
    async with ledger_stage(stores, dsn) as stage:
        yield Desk(stage, dsn)


async def test_an_alert_is_explained_from_the_first_decision_to_the_last_attempt(at: Desk) -> None:
    stage, which = at.stage, raised().data.alert_id
    await stage.learn(manager(), desk())
    await stage.hear(raised())
    await stage.learn(customer_changed("c1"))
    assert await stage.teller.settle_due()
    for claimed in await stage.queue.claim(10):
        outcome = Rejected("code-isv.MOBILE_NUMBER_ILLEGAL")
        await stage.teller.conclude(
            claimed, Sent("m") if claimed.channel == "wecom_app" else outcome
        )
    await stage.hear(updated(2), raised())
    claimed, *_ = await stage.queue.claim(1)
    await stage.teller.conclude(claimed, Retry("ReadTimeout", unsure=True))

    for asked in (short_code(which), f"{short_code(which)}-1", str(which), which.hex):
        shown = await at.guanchao("explain", asked)
        assert shown.exit_code == 0, shown.output
    said = shown.output
    assert "推迟 defer" in said
    assert "账户的客户关系未知" in said
    assert "wecom_app → m001：收件人是客户的经理 | the client's manager [manager]" in said
    assert "被拒绝 rejected：网关返回 isv.MOBILE_NUMBER_ILLEGAL" in said
    assert "不知是否收下 unsure：等回答超时，可能已到" in said
    assert said.count("\n第 ") == 2
    for secret in (MOBILE, ACCOUNT, "张"):
        assert secret not in said


async def test_what_is_not_there_or_cannot_be_asked_is_one_line(at: Desk) -> None:
    for asked, words in (
        ("0" * 8, "账本里没有提醒"),
        ("what", "alert_id"),
        ("7BB8F53", "alert_id"),
    ):
        shown = await at.guanchao("explain", asked)
        assert (shown.exit_code, len(shown.output.splitlines())) == (2, 1)
        assert words in shown.output
    away = Desk(at.stage, "postgresql+asyncpg://u:secret@127.0.0.1:1/d")
    shown = await away.guanchao("explain", "0" * 8)
    assert shown.exit_code == 2
    assert "PostgreSQL" in shown.output
    assert "secret" not in shown.output
