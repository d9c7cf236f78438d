"""第二通道 on a real PostgreSQL: what a channel cannot take for long goes by another one, once."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.domain.outcome import Retry, Sent
from services.notify.hastening import Hastening
from tests.kit.alerts import MOMENT, customer_changed, raised, staff_changed, updated
from tests.kit.notify_ledger import Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration
MIDDLE: dict[str, Any] = {"urgency": "middle"}
DOWN = Retry("ConnectError", made=False)


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as one:
        await one.learn(manager(), desk(), customer_changed("c1"))
        yield one


async def hasten(one: Stage, minutes: int) -> list[str]:
    """Look so long after the beginning, as two workers would."""
    one.clock.advance(MOMENT + timedelta(minutes=minutes))
    for _ in range(2):
        assert await Hastening(one.database, one.teller).step() is False
    return await one.intents()


async def test_what_is_late_and_what_waits_behind_it_goes_by_sms_once(stage: Stage) -> None:
    await stage.hear(raised(**MIDDLE))
    (first,) = await stage.queue.claim(10)
    await stage.teller.conclude(first, DOWN)
    assert await hasten(stage, 9) == ["1 m001 wecom_app 1 retry"]
    await stage.hear(updated(2, **MIDDLE))
    both = ["1 m001 wecom_app 1 retry", "2 m001 wecom_app 1 pending"]
    also = ["1 m001 aliyun_sms 1 pending", "2 m001 aliyun_sms 1 pending"]
    assert await hasten(stage, 10) == both + also
    assert await hasten(stage, 60) == both + also
    reasons = [r.reason for r in await stage.rows(select(t.decisions.c.reason))]
    assert reasons == ["manager", "manager", "late-elsewhere", "late-elsewhere"]
    for claimed in await stage.queue.claim(10):
        assert claimed.channel == "aliyun_sms"
        await stage.teller.conclude(claimed, Sent("m"))


async def test_who_has_no_number_is_not_asked_for_it_again(stage: Stage) -> None:
    await stage.learn(staff_changed("m001", 2, sealed_mobile=None))
    await stage.hear(raised(**MIDDLE))
    (first,) = await stage.queue.claim(10)
    await stage.teller.conclude(first, DOWN)
    assert await hasten(stage, 20) == ["1 m001 wecom_app 1 retry"]
    reasons = [r.reason for r in await stage.rows(select(t.decisions.c.reason))]
    assert reasons == ["manager", "no-mobile"]


@pytest.mark.parametrize(("answers", "late"), [(False, 2), (True, 1)])  # the first, and the third
async def test_what_a_silent_channel_was_never_asked_is_late_too(
    stage: Stage, answers: bool, late: int
) -> None:
    """A broken channel is asked one thing at a time: most of what waits is never tried."""
    others = ("80054321", "80054322")
    await stage.learn(customer_changed("c2", accounts=others))
    await stage.hear(raised(**MIDDLE))
    (first,) = await stage.queue.claim(1)
    await stage.teller.conclude(first, DOWN)
    stage.clock.advance(MOMENT + timedelta(minutes=5))
    await stage.hear(raised(account=others[0], **MIDDLE), raised(account=others[1], **MIDDLE))
    stage.clock.advance(MOMENT + timedelta(minutes=6))
    (second,) = await stage.queue.claim(1)
    await stage.teller.conclude(second, Sent("m") if answers else DOWN)
    assert (await hasten(stage, 14)).count("1 m001 aliyun_sms 1 pending") == 1
    assert (await hasten(stage, 15)).count("1 m001 aliyun_sms 1 pending") == late


async def test_what_a_budget_keeps_back_or_nobody_has_tried_is_not_late(stage: Stage) -> None:
    await stage.hear(raised(**MIDDLE))
    assert await hasten(stage, 60) == ["1 m001 wecom_app 1 pending"]
