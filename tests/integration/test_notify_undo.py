"""A withdrawn alert is taken back from where it was shown, over a real PostgreSQL."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deploy.embedded.stack import Stores
from services.notify.adapters.answer_tables import outbox
from services.notify.domain.outcome import Outcome, Rejected, Sent
from shared.contracts.alerts import AlertEvent
from tests.kit.alerts import MOMENT, amended, customer_changed, raised, updated, withdrawn
from tests.kit.notify_ledger import Stage, ledger_stage, manager

pytestmark = pytest.mark.integration


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), customer_changed("c1"))
        yield made


async def send(stage: Stage, outcome: Outcome) -> list[str]:
    """Claim what may go, let it end so, and return the bodies."""
    claimed = await stage.queue.claim(10)
    await stage.teller.conclude_all([(one, outcome) for one in claimed])
    return [one.body for one in claimed]


async def test_each_message_is_recalled_and_then_the_withdrawal_told(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    await stage.hear(updated(2, urgency="middle"))
    await send(stage, Sent("m2"))
    stage.clock.advance(MOMENT + timedelta(hours=1))
    await stage.hear(withdrawn(3, urgency="middle"))
    assert await stage.intents() == [
        "1 m001 wecom_app 1 sent",
        "2 m001 wecom_app 1 sent",
        "1 m001 wecom_app 0 pending",
        "2 m001 wecom_app 0 pending",
        "3 m001 wecom_app 1 pending",
    ]
    assert [json.loads(body) for body in await send(stage, Sent())] == [{"msgid": "m1"}]
    assert [json.loads(body) for body in await send(stage, Sent())] == [{"msgid": "m2"}]
    assert "（撤回）" in (await send(stage, Sent("m3")))[0]


async def test_a_card_with_buttons_is_updated_by_the_code_of_its_acceptance(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1", "code-1"))
    await stage.hear(withdrawn(2, urgency="middle"))
    body = json.loads((await send(stage, Sent()))[0])
    assert (body["response_code"], body["button"]) == ("code-1", {"replace_name": "已撤回"})


async def test_what_cannot_be_taken_back_tells_nobody_else(stage: Stage) -> None:
    await stage.hear(raised(urgency="high"))
    await send(stage, Sent("m1"))
    await stage.hear(withdrawn(2, urgency="high"))
    before = len(await stage.intents())
    claimed = await stage.queue.claim(10)
    undo = next(one for one in claimed if one.step == 0)
    await stage.teller.conclude(undo, Rejected("errcode-301055"))
    assert len(await stage.intents()) == before
    told = select(func.count()).select_from(outbox)
    assert (await stage.rows(told))[0][0] == 2  # the first message by both channels


async def test_it_is_too_late_after_a_day(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    stage.clock.advance(MOMENT + timedelta(days=1))
    await stage.hear(withdrawn(2, urgency="middle"))
    assert [line.split()[3] for line in await stage.intents()] == ["1", "1"]


@pytest.mark.parametrize("later", [updated(2, urgency="middle"), amended(2, urgency="middle")])
async def test_news_takes_nothing_back_and_a_correction_no_message(
    stage: Stage, later: AlertEvent
) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    await stage.hear(later)
    assert [line.split()[3] for line in await stage.intents()] == ["1", "1"]


async def test_an_accepted_correction_takes_the_old_message_down_once(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    await stage.hear(amended(2, urgency="middle"))
    assert "（更正）" in (await send(stage, Sent("m2")))[0]
    assert await stage.intents() == [
        "1 m001 wecom_app 1 sent",
        "2 m001 wecom_app 1 sent",
        "1 m001 wecom_app 0 pending",
    ]
    assert [json.loads(body) for body in await send(stage, Sent())] == [{"msgid": "m1"}]
    await stage.hear(amended(3, urgency="middle"))
    await send(stage, Sent("m3"))
    assert [json.loads(body) for body in await send(stage, Sent())] == [{"msgid": "m2"}]


async def test_a_correction_that_is_not_accepted_leaves_the_old_message(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    await stage.hear(amended(2, urgency="middle"))
    await send(stage, Rejected("errcode-1"))
    assert not [line for line in await stage.intents() if line.split()[3] == "0"]


async def test_an_accepted_update_takes_nothing_down(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1"))
    await stage.hear(updated(2, urgency="middle"))
    await send(stage, Sent("m2"))
    assert len(await stage.intents()) == 2


async def test_a_card_with_buttons_says_that_it_was_corrected(stage: Stage) -> None:
    await stage.hear(raised(urgency="middle"))
    await send(stage, Sent("m1", "code-1"))
    await stage.hear(amended(2, urgency="middle"))
    assert (await stage.intents())[1:] == [
        "1 m001 wecom_app 0 pending",
        "2 m001 wecom_app 1 pending",
    ]
    body = json.loads((await send(stage, Sent()))[0])
    assert body["button"] == {"replace_name": "已更正，见新消息"}
    assert "（更正）" in (await send(stage, Sent("m2", "code-2")))[0]
