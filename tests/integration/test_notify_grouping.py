"""Alerts of one client on a real PostgreSQL: one message, each accounted for and answered."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import acknowledgements, outbox
from services.notify.adapters.taps import whose
from services.notify.answering import Answering
from services.notify.clicking import Clicking
from services.notify.domain.from_profile import alert_of
from services.notify.domain.grouping import Grouping
from services.notify.domain.outcome import Rejected, Sent
from services.notify.policy import read_policy
from shared.contracts.alerts import Urgency
from shared.contracts.callbacks import Click, clicked
from shared.contracts.deliveries import DELIVERIES, DeliveryEnded
from shared.contracts.profiles import PROFILES
from shared.kernel.ids import short_code
from tests.kit.alerts import (
    MOMENT,
    customer_changed,
    raised,
    staff_changed,
    updated,
    withdrawn,
)
from tests.kit.notify_ledger import Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration
EXAMPLES = Path(__file__).parents[2] / "shared" / "contracts" / "examples"
SECOND = timedelta(seconds=1)
GROUPING = Grouping(window_seconds=30, urgencies=frozenset({Urgency.MIDDLE, Urgency.LOW}))
USAGE: dict[str, Any] = {"urgency": "middle", "rule": "margin_usage", "message_type": "保证金占用"}
DEPOSIT: dict[str, Any] = {"urgency": "middle", "rule": "large_deposit", "message_type": "大额入金"}
IDLE: dict[str, Any] = {"urgency": "low", "rule": "idle_account", "message_type": "沉默客户"}


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        policy = made.teller.policy.model_copy(update={"grouping": GROUPING, "repeat_minutes": {}})
        made.teller = replace(made.teller, policy=policy)
        made.merger = replace(made.merger, policy=policy)
        await made.learn(
            manager(), desk(), customer_changed("c1", accounts=("80012345", "80099999"))
        )
        yield made


async def at(stage: Stage, seconds: int) -> None:
    stage.clock.advance(MOMENT + seconds * SECOND)


async def three(stage: Stage) -> None:
    """Tell of one alert; two more of the same client follow and wait."""
    await stage.hear(raised(**USAGE))
    for claim in await stage.queue.claim(10):
        await stage.teller.conclude(claim, Sent("m"))
    await at(stage, 10)
    await stage.hear(raised(**DEPOSIT), raised(**IDLE))


async def decisions(stage: Stage, which: str) -> list[Any]:
    d = t.decisions.c
    query = select(t.decisions).where(d.decision == which).order_by(d.number)
    return list(await stage.rows(query))


async def test_what_follows_becomes_one_message_and_each_alert_says_with_what(
    stage: Stage,
) -> None:
    await three(stage)
    assert await stage.queue.claim(10) == ()
    assert not await stage.merger.merge_due()
    held = [d for d in await decisions(stage, "send") if d.until_at]
    assert [d.because_of for d in held] == ["same-client"] * 2
    await at(stage, 30)
    assert await stage.queue.claim(10) == ()  # it is merged first, or let go
    assert await stage.merger.merge_due()
    assert not await stage.merger.merge_due()
    (group,) = await stage.queue.claim(10)
    assert (group.account, group.revision, group.urgency) == ("80012345", 0, "middle")
    assert "2条提醒" in group.body
    assert "大额入金：" in group.body
    assert "沉默客户：" in group.body
    assert "账户***345" in group.body
    await stage.teller.conclude(group, Sent("m2"))
    merged = await decisions(stage, "merge")
    said = f"digest {short_code(group.intent_id)}"
    assert [(d.reason, d.because_of) for d in merged] == [("same-client", said)] * 2
    states = Counter(r.state for r in await stage.rows(select(t.intents.c.state)))
    assert states == {"sent": 2, "merged": 2}
    ends = [DELIVERIES.validate_json(r.event) for r in await stage.rows(select(outbox.c.event))]
    told = [e.data for e in ends if isinstance(e, DeliveryEnded)]
    assert Counter(end.end for end in told) == {"sent": 3}
    assert len({end.alert_id for end in told}) == 3


async def test_a_tap_on_it_answers_each_alert(stage: Stage) -> None:
    await three(stage)
    await at(stage, 30)
    await stage.merger.merge_due()
    (group,) = await stage.queue.claim(10)
    await stage.teller.conclude(group, Sent("m2", "rc"))
    answering = Answering(stage.teller.ledger, stage.teller, stage.clock)
    clicking = Clicking(partial(whose, stage.database), answering, stage.clock)
    tap = Click(
        intent_id=group.intent_id, userid="m001", key="contacted", response_code="rc", at=MOMENT
    )
    for _ in range(2):
        await clicking.take(clicked(tap))
    rows = await stage.rows(select(acknowledgements).order_by(acknowledgements.c.number))
    assert [(r.staff_id, r.kind) for r in rows] == [("m001", "contacted")] * 2
    assert {r.alert_id for r in rows} == {
        raised(**DEPOSIT).data.alert_id,
        raised(**IDLE).data.alert_id,
    }
    stranger = tap.model_copy(update={"userid": "m009"})
    assert await whose(stage.database, stranger) == []


async def test_one_alone_is_let_go_at_the_end_of_the_window(stage: Stage) -> None:
    await stage.hear(raised(**USAGE))
    await at(stage, 10)
    await stage.hear(raised(**DEPOSIT))
    for claim in await stage.queue.claim(10):
        await stage.teller.conclude(claim, Sent("m"))
    await at(stage, 30)
    assert await stage.merger.merge_due()
    (alone,) = await stage.queue.claim(10)
    assert (alone.revision, alone.alert_id) == (1, raised(**DEPOSIT).data.alert_id)
    assert await decisions(stage, "merge") == []


async def test_the_urgent_and_another_client_pass_what_waits(stage: Stage) -> None:
    await three(stage)
    other = raised(account="80099999", **USAGE)
    await stage.hear(raised(rule="forced_liquidation", message_type="强平通知"), other)
    claims = await stage.queue.claim(10)
    assert [(c.account, c.urgency, c.channel) for c in claims] == [
        ("80012345", "high", "wecom_app"),
        ("80012345", "high", "aliyun_sms"),
        ("80099999", "middle", "wecom_app"),
    ]


async def test_an_alert_that_becomes_urgent_takes_its_earlier_revision_along(stage: Stage) -> None:
    await three(stage)
    await stage.hear(updated(2, **(DEPOSIT | {"urgency": "high"})))
    first, *_ = await stage.queue.claim(10)
    assert (first.alert_id, first.revision) == (raised(**DEPOSIT).data.alert_id, 1)


async def test_a_withdrawal_stands_in_it_after_what_it_withdraws(stage: Stage) -> None:
    await three(stage)
    await stage.hear(withdrawn(2, **DEPOSIT))
    await at(stage, 30)
    await stage.merger.merge_due()
    (group,) = await stage.queue.claim(10)
    items = await stage.digests.read(group.intent_id, "m001")
    assert [(i.event.data.message_type, i.event.data.revision) for i in items] == [
        ("大额入金", 1),
        ("沉默客户", 1),
        ("大额入金", 2),
    ]


async def test_it_is_rejected_and_each_goes_to_the_desk(stage: Stage) -> None:
    await three(stage)
    await at(stage, 30)
    await stage.merger.merge_due()
    (group,) = await stage.queue.claim(10)
    await stage.teller.conclude(group, Rejected("errcode-60111"))
    assert [line for line in await stage.intents() if " r001 " in line] == [
        "1 r001 wecom_app 2 pending"
    ] * 2


async def test_what_waits_when_the_policy_loses_its_line_is_let_go(stage: Stage) -> None:
    await three(stage)
    alone = replace(stage.merger, policy=stage.merger.policy.model_copy(update={"grouping": None}))
    await at(stage, 30)
    assert await alone.merge_due()
    assert await decisions(stage, "merge") == []
    (first,) = await stage.queue.claim(10)
    await stage.teller.conclude(first, Sent("m"))
    await at(stage, 40)  # the second one waits from the first one on
    assert await alone.merge_due()
    (second,) = await stage.queue.claim(10)
    assert [c.alert_id for c in (first, second)] == [
        raised(**DEPOSIT).data.alert_id,
        raised(**IDLE).data.alert_id,
    ]


async def test_who_is_given_visits_hears_it_at_once_and_no_stranger_does(stage: Stage) -> None:
    stage.teller = replace(stage.teller, policy=read_policy())
    people = ("m007", "m009")
    await stage.learn(*map(staff_changed, people), staff_changed("m008", successor_id="m009"))
    golden = json.loads((EXAMPLES / "visit.assigned.json").read_bytes())
    for n, staff_id in enumerate(("m007", "m008")):
        fact = {**golden, "id": f"v{n}", "data": {**golden["data"], "staff_id": staff_id}}
        await stage.hear(alert_of(PROFILES.validate_python(fact), f"profile.customer.v1/0/{n}"))
    told = sorted(await stage.intents())
    assert [line.split()[1:3] for line in told] == [["m007", "wecom_app"], ["m009", "wecom_app"]]
    (claim,) = await stage.queue.claim(1)
    assert "给您12个回访" in claim.body
    held = [(d.reason, d.until_at) for d in await decisions(stage, "send")]
    assert held == [("addressee", None), ("successor", None)]
