"""A tap on a card, over a real PostgreSQL: what was answered and is not yet shown is not forgotten.

Every step is made by parts that were just put together, as after a crash.
"""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.made import made_since
from services.notify.adapters.taps import whose
from services.notify.answering import Answering, Given
from services.notify.clicking import Clicking
from services.notify.domain.answer import Answer, Contacted, FalseAlarm, Snoozed
from services.notify.domain.outcome import Rejected, Retry, Sent
from shared.contracts.callbacks import Click, clicked
from tests.kit.alerts import MOMENT, POLICY, customer_changed, raised, updated, withdrawn
from tests.kit.notify_ledger import Stage, ledger_stage, manager

pytestmark = pytest.mark.integration


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    """A card with buttons is on the manager's phone."""
    async with ledger_stage(stores, fresh_database("notify")) as made:
        await made.learn(manager(), customer_changed("c1"))
        await made.hear(raised(urgency="middle"))
        (card,) = await made.queue.claim(10)
        await made.teller.conclude(card, Sent("m1", "code-0"))
        yield made


async def tap(stage: Stage, key: str = "contacted", code: str = "code-1") -> None:
    """Tap on the card, by a worker that has just been started."""
    (card,) = await stage.rows(select(t.intents.c.intent_id).where(t.intents.c.step == 1))
    answering = Answering(stage.teller.ledger, stage.teller, stage.clock)
    clicking = Clicking(partial(whose, stage.database), answering, stage.clock)
    click = Click(intent_id=card.intent_id, userid="m001", key=key, response_code=code, at=MOMENT)
    await clicking.take(clicked(click))


async def test_the_change_is_in_the_ledger_with_the_answer_and_made_once(stage: Stage) -> None:
    for _ in range(2):  # the topic is read again after a crash
        await tap(stage)
    assert await stage.intents() == ["1 m001 wecom_app 1 sent", "1 m001 wecom_app -1 pending"]
    (change,) = await stage.queue.claim(10)
    assert json.loads(change.body) == {
        "agentid": 1,
        "button": {"replace_name": "已联系（已记下）"},
        "response_code": "code-1",
        "userids": ["m001"],
    }
    await stage.teller.conclude(change, Sent())
    await tap(stage)
    assert await stage.queue.claim(10) == ()
    assert (await stage.intents())[1:] == ["1 m001 wecom_app -1 sent"]


async def test_a_worker_that_died_amid_it_leaves_the_same_request_to_the_next(
    stage: Stage,
) -> None:
    await tap(stage)
    (change,) = await stage.queue.claim(10)
    await stage.teller.conclude(change, Retry("lease-expired", unsure=True))
    async with stage.database.begin() as connection:
        await connection.execute(t.intents.update().values(wall_retry=None))
    (again,) = await stage.queue.claim(10)
    assert again.body == change.body
    await stage.teller.conclude(again, Rejected("errcode-40058"))  # its code was used: by whom?
    assert (await stage.intents())[1:] == ["1 m001 wecom_app -1 ambiguous"]


async def test_it_costs_the_member_no_message(stage: Stage) -> None:
    await tap(stage)
    (change,) = await stage.queue.claim(10)
    assert change.counted == ()
    async with stage.database.connect() as connection:
        made = await made_since(connection, POLICY.budgets, MOMENT - timedelta(days=1))
    assert len(made) == 1


async def say(stage: Stage, answer: Answer, once: str = "0", by: str = "m001") -> None:
    """Answer on the page."""
    answering = Answering(stage.teller.ledger, stage.teller, stage.clock)
    assert await answering.take(Given(raised().data.alert_id, by, answer, once, "page")) == "taken"


async def test_an_answer_on_the_page_stands_on_the_answerers_card(stage: Stage) -> None:
    await say(stage, Snoozed(MOMENT + timedelta(hours=1)))  # it may be answered for good later
    await say(stage, Contacted(), by="m002")  # who has no card
    assert await stage.intents() == ["1 m001 wecom_app 1 sent"]
    for number in range(2):
        await say(stage, FalseAlarm(), once=f"{number + 1}")
    assert (await stage.intents())[1:] == ["1 m001 wecom_app -1 pending"], "its code works once"
    (change,) = await stage.queue.claim(10)
    assert json.loads(change.body) == {
        "agentid": 1,
        "button": {"replace_name": "误报（已记下）"},
        "response_code": "code-0",
        "userids": ["m001"],
    }
    assert change.counted == ()
    await stage.teller.conclude(change, Sent())
    await stage.hear(withdrawn(2, urgency="middle"))
    (undo,) = await stage.queue.claim(10)
    assert json.loads(undo.body) == {"msgid": "m1"}, "what remains is to recall it"


async def test_a_card_of_a_later_revision_has_a_code_of_its_own(stage: Stage) -> None:
    await say(stage, Contacted())
    (change,) = await stage.queue.claim(10)
    await stage.teller.conclude(change, Sent())
    await stage.hear(updated(2, urgency="middle"))
    (card,) = await stage.queue.claim(10)
    await stage.teller.conclude(card, Sent("m2", "code-2"))
    await say(stage, Contacted(), once="2")
    (change,) = await stage.queue.claim(10)
    assert json.loads(change.body)["response_code"] == "code-2"


async def test_answered_and_then_withdrawn_the_card_is_changed_by_its_own_code(
    stage: Stage,
) -> None:
    await tap(stage)
    (change,) = await stage.queue.claim(10)
    await stage.teller.conclude(change, Sent())
    await stage.hear(withdrawn(2, urgency="middle"))
    (undo,) = await stage.queue.claim(10)
    assert json.loads(undo.body)["response_code"] == "code-0"
