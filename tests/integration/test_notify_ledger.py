"""The ledger, the directory and the queue of notify on a real PostgreSQL."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, func, select, text

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from services.notify.adapters import tables as t
from services.notify.adapters.budgets import Budgets, connect
from services.notify.domain.ledger import Claimed
from services.notify.domain.outcome import Rejected, Retry, Sent
from services.notify.domain.receiver import Directory
from shared.crypto import FieldCipher
from shared.db.migrate import newest
from shared.settings import ValkeySettings
from tests.kit.alerts import (
    MOMENT,
    NIGHT,
    POLICY,
    customer_changed,
    raised,
    staff_changed,
    updated,
    withdrawn,
)
from tests.kit.notify_ledger import MOBILE, Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration
OTHER = FieldCipher({"k2": base64.b64encode(b"2" * 32).decode()})
SHARED = ("alembic_version", "audit", "api_keys")
"""Tables that every service has alike: their code makes them, and their tests look at them."""
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
async def stage(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with ledger_stage(stores, fresh_database("notify")) as made:
        yield made


async def test_the_migrations_make_the_tables_the_code_knows(stage: Stage) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"version_table_schema": "notify"}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, t.METADATA)
        return [d for d in found if not any(name in str(d) for name in SHARED)]

    async with stage.database.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await stage.records.version() == newest("notify")


async def test_the_last_sequence_of_a_client_wins(stage: Stage) -> None:
    await stage.learn(
        manager(),
        staff_changed("m002"),
        customer_changed("c1", 5, manager_id="m002"),
        customer_changed("c1", 7, manager_id="m001"),
        customer_changed("c1", 6, manager_id="m002"),
    )
    await stage.learn(customer_changed("c1", 7, manager_id="m002"))
    await stage.learn(customer_changed("c1", 6, manager_id="m002"))
    found = await stage.around()
    assert found.client is not None
    assert found.client.manager_id == "m001"
    assert await stage.around("80099999") == Directory(None, {}, ())


async def test_an_account_that_changes_hands_belongs_to_the_client_told_last(
    stage: Stage,
) -> None:
    await stage.learn(manager(), customer_changed("c1", 5, manager_id="m001"))
    await stage.learn(customer_changed("c2", 9, manager_id="m002", display_name="李**"))
    assert (await stage.around()).client is not None
    assert (await stage.around()).client.display_name == "李**"  # type: ignore[union-attr]  # said above
    await stage.learn(customer_changed("c2", 10, accounts=[]))
    assert (await stage.around()).client.display_name == "张**"  # type: ignore[union-attr]  # said above


async def test_the_people_around_an_account_are_its_managers_chain_and_the_desk(
    stage: Stage,
) -> None:
    await stage.learn(
        customer_changed("c1"),
        manager(successor_id="m002"),
        staff_changed("m002", successor_id="m003"),
        staff_changed("m003", successor_id="m001"),
        staff_changed("m009"),
        desk(),
        desk("r002", successor_id="r001"),
    )
    found = await stage.around()
    assert set(found.staff) == {"m001", "m002", "m003", "r001", "r002"}
    assert [p.staff_id for p in found.desk] == ["r001"]
    assert found.in_charge("m001") is None
    mobile = found.staff["m001"].mobile
    assert mobile is not None
    assert mobile.reveal() == MOBILE


async def test_a_number_sealed_by_an_unknown_key_is_no_number(stage: Stage) -> None:
    sealed = OTHER.seal(MOBILE, "staff.mobile")
    await stage.learn(customer_changed("c1"), manager(sealed_mobile=sealed))
    assert (await stage.around()).staff["m001"].mobile is None


async def test_an_alert_is_told_once_however_often_and_fast_it_is_read(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await asyncio.gather(*(stage.hear(raised(1), updated(2)) for _ in range(6)))
    told = await stage.intents()
    assert sorted(told) == sorted(set(told))
    assert {line.split()[0] for line in told} <= {"1", "2"}
    assert len([line for line in told if line.startswith("2")]) == 2
    assert await stage.records.counts() == (0, len(told))


async def test_no_name_number_or_text_stands_in_clear(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised())
    for row in await stage.rows(select(t.intents)):
        assert MOBILE not in str(row)
        assert "张" not in str(row)
    for row in await stage.rows(select(t.staff)):
        assert MOBILE not in str(row)


async def test_a_relation_that_arrives_wakes_what_waits_for_it(stage: Stage) -> None:
    await stage.learn(manager(), desk())
    await stage.hear(raised())
    assert await stage.records.counts() == (1, 0)
    assert not await stage.teller.settle_due()
    await stage.learn(customer_changed("c9", accounts=["80099999"]))
    assert not await stage.teller.settle_due()
    await stage.learn(customer_changed("c1"))
    assert await stage.teller.settle_due()
    assert await stage.intents() == ["1 m001 wecom_app 1 pending", "1 m001 aliyun_sms 1 pending"]
    assert await stage.records.counts() == (0, 2)


async def test_a_manager_who_becomes_known_wakes_it_too(stage: Stage) -> None:
    await stage.learn(customer_changed("c1"), desk())
    await stage.hear(raised())
    await stage.learn(manager())
    assert await stage.teller.settle_due()
    assert [line.split()[1] for line in await stage.intents()] == ["m001", "m001"]


async def test_quiet_hours_are_not_cut_short_by_a_relation(stage: Stage) -> None:
    stage.clock.advance(NIGHT)
    await stage.hear(raised(urgency="middle"))
    await stage.learn(manager(), customer_changed("c1"))
    assert not await stage.teller.settle_due()


async def test_two_workers_settle_a_due_alert_once(stage: Stage) -> None:
    await stage.learn(desk())
    await stage.hear(raised())
    stage.clock.advance(MOMENT + 5 * SECOND)
    await asyncio.gather(*(stage.teller.settle_due() for _ in range(5)))
    assert len(await stage.intents()) == 1
    rows = await stage.rows(select(t.decisions.c.decision).order_by(t.decisions.c.number))
    assert [row.decision for row in rows] == ["defer", "send", "suppress"]


async def ready(stage: Stage, accounts: int = 1, **given: Any) -> None:
    """Make alerts of several accounts ready to be sent to one manager."""
    names = [f"8001{n:04d}" for n in range(accounts)]
    await stage.learn(manager(), desk(), customer_changed("c1", accounts=names))
    for name in names:
        await stage.hear(raised(account=name, **given))


def names(claims: Sequence[Claimed]) -> list[str]:
    return [f"{c.revision} {c.channel}" for c in claims]


async def test_one_at_a_time_per_account_and_channel_in_order(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised(1), updated(2), updated(3))
    for revision in (1, 2, 3):
        claims = await stage.queue.claim(100)
        assert sorted(names(claims)) == [f"{revision} aliyun_sms", f"{revision} wecom_app"]
        assert not await stage.queue.claim(100)
        for claim in claims:
            await stage.teller.conclude(claim, Sent("m"))
    assert not await stage.queue.claim(100)
    assert {line.split()[-1] for line in await stage.intents()} == {"sent"}


async def test_an_intent_that_became_visible_late_waits_for_the_one_under_way(
    stage: Stage,
) -> None:
    """Two transactions may commit in the other order than their numbers say."""
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised(urgency="middle"), raised(urgency="middle", episode="2026-06-02"))
    async with stage.database.begin() as connection:
        hide = "UPDATE intents SET state = :to WHERE state = :was AND number = 1"
        await connection.execute(text(hide), {"to": "sent", "was": "pending"})
    assert len(await stage.queue.claim(100)) == 1
    async with stage.database.begin() as connection:
        await connection.execute(text(hide), {"to": "pending", "was": "sent"})
    assert not await stage.queue.claim(100)


async def test_one_accounts_trouble_does_not_hold_up_another(stage: Stage) -> None:
    await ready(stage, accounts=2, urgency="middle")
    first, second = await stage.queue.claim(100)
    await stage.teller.conclude(first, Retry("http-503"))
    await stage.teller.conclude(second, Sent("m"))
    await stage.hear(updated(2, account="80010000", urgency="middle"))
    await stage.hear(updated(2, account="80010001", urgency="middle"))
    assert [c.alert_id for c in await stage.queue.claim(100)] == [second.alert_id]


async def test_a_retry_comes_back_with_the_same_body_after_its_pause(stage: Stage) -> None:
    await ready(stage, urgency="middle")
    (first,) = await stage.queue.claim(100)
    await stage.teller.conclude(first, Retry("http-503"))
    assert not await stage.queue.claim(100)
    async with stage.database.begin() as connection:
        await connection.execute(text("UPDATE intents SET wall_retry = clock_timestamp()"))
    (again,) = await stage.queue.claim(100)
    assert (again.body, again.intent_id) == (first.body, first.intent_id)
    assert (again.attempts, again.unsure) == (2, 0)
    rows = await stage.rows(select(t.attempts).order_by(t.attempts.c.number))
    assert [(r.number, r.outcome, r.reason) for r in rows] == [
        (1, "retry", "http-503"),
        (2, None, None),
    ]


async def test_workers_never_claim_the_same_intent(stage: Stage) -> None:
    await ready(stage, accounts=15, urgency="middle")
    claims = await asyncio.gather(*(stage.queue.claim(4) for _ in range(6)))
    taken = [c.intent_id for some in claims for c in some]
    assert len(taken) == len(set(taken)) == 15


async def test_the_urgent_goes_first(stage: Stage) -> None:
    await ready(stage, accounts=3, urgency="middle")
    await stage.learn(customer_changed("c2", accounts=["80020000"]))
    await stage.hear(raised(account="80020000"))
    assert names(await stage.queue.claim(2)) == ["1 wecom_app", "1 aliyun_sms"]


async def test_an_urgent_alert_passes_what_waits_before_it_in_its_own_lane(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(*(raised(urgency="middle", episode=f"2026-06-{d:02}") for d in range(1, 5)))
    (refused,) = await stage.queue.claim(100)
    await stage.teller.conclude(refused, Retry("http-503"))  # it waits before it is said again
    await stage.hear(raised(episode="2026-06-09"))
    first = await stage.queue.claim(100)
    assert {c.urgency for c in first} == {"high"}
    for claim in first:
        await stage.teller.conclude(claim, Sent("m"))
    assert not await stage.queue.claim(100), "the others wait for the one that is to be repeated"


async def test_an_urgent_alert_does_not_pass_what_can_go_before_it(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised(urgency="middle", episode="2026-06-01"), raised(episode="2026-06-09"))
    order = []
    while claims := [c for c in await stage.queue.claim(100) if c.channel == "wecom_app"]:
        order += [c.urgency for c in claims]
        for claim in claims:
            await stage.teller.conclude(claim, Sent("m"))
    assert order == ["middle", "high"]


async def test_an_alert_that_becomes_urgent_takes_its_earlier_revision_with_it(
    stage: Stage,
) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised(urgency="middle", episode="2026-06-09"))
    (refused,) = await stage.queue.claim(100)
    await stage.teller.conclude(refused, Retry("http-503"))
    await stage.hear(raised(1, urgency="middle"), updated(2), raised(episode="2026-06-10"))
    order = []
    while claims := [c for c in await stage.queue.claim(100) if c.channel == "wecom_app"]:
        order += [(c.alert_id, c.revision) for c in claims]
        for claim in claims:
            await stage.teller.conclude(claim, Sent("m"))
    this = raised().data.alert_id
    assert order[:2] == [(this, 1), (this, 2)]
    assert [revision for _, revision in order] == [1, 2, 1]


async def test_beyond_the_budget_it_waits_for_the_next_minute(stage: Stage) -> None:
    await ready(stage, accounts=30, urgency="middle")
    assert len(await stage.queue.claim(100)) == 20
    assert not await stage.queue.claim(100)

    await stage.learn(customer_changed("c2", accounts=[f"8002{n:04d}" for n in range(10)]))
    for n in range(10):
        await stage.hear(raised(account=f"8002{n:04d}"))
    urgent = await stage.queue.claim(100)
    assert len([c for c in urgent if c.channel == "wecom_app"]) == 8
    assert len([c for c in urgent if c.channel == "aliyun_sms"]) == 10

    stage.clock.advance(MOMENT + MINUTE - SECOND)
    assert not await stage.queue.claim(100)
    stage.clock.advance(MOMENT + MINUTE)
    later = await stage.queue.claim(100)
    assert len(later) == 12
    assert [c.urgency for c in later[:2]] == ["high", "high"]
    assert await stage.records.counts() == (0, 50)


async def test_without_valkey_the_urgent_goes_on_counted_from_the_ledger(stage: Stage) -> None:
    await ready(stage, accounts=30)
    nowhere = connect(ValkeySettings(url=SecretStr(f"redis://127.0.0.1:{Ports.free().valkey}/0")))
    cut_off = replace(stage.queue, budgets=Budgets(nowhere, POLICY.budgets))
    await stage.hear(raised(account="80010000", urgency="middle", episode="2026-06-02"))
    claims = [*await cut_off.claim(30), *await cut_off.claim(100)]
    assert len([c for c in claims if c.channel == "wecom_app"]) == 28
    assert len([c for c in claims if c.channel == "aliyun_sms"]) == 30
    for claim in claims:
        await stage.teller.conclude(claim, Sent("m"))
    stage.clock.advance(MOMENT + MINUTE)
    assert {c.urgency for c in await cut_off.claim(100)} == {"high"}
    assert not await cut_off.claim(100)
    assert {c.urgency for c in await stage.queue.claim(100)} == {"middle"}
    await nowhere.aclose()


async def test_a_valkey_that_was_lost_is_filled_from_the_attempts(stage: Stage) -> None:
    await ready(stage, accounts=30, urgency="middle")
    unmade, *made = await stage.queue.claim(100)
    assert len(made) == 19
    await stage.teller.conclude(unmade, Retry("ConnectError", made=False))
    await stage.queue.budgets.give_back(unmade)
    await stage.queue.budgets.valkey.flushdb()
    for account in ("80010000", "80010001"):
        await stage.hear(raised(account=account, urgency="middle", episode="2026-06-02"))
    for claim in made:
        await stage.teller.conclude(claim, Sent("m"))
    assert len(await stage.queue.claim(100)) == 1
    rows = await stage.rows(select(t.attempts.c.outcome).where(t.attempts.c.reason != "ok"))
    assert [row.outcome for row in rows] == ["unmade"]


async def test_a_busy_gateway_freezes_its_channel_and_no_other(stage: Stage) -> None:
    await ready(stage, accounts=2)
    claims = {c.channel: c for c in await stage.queue.claim(2)}
    busy = Retry("errcode-45009", freeze=MINUTE)
    await stage.teller.conclude(claims["wecom_app"], busy)
    assert names(await stage.queue.claim(100)) == ["1 aliyun_sms"]
    stage.clock.advance(MOMENT + MINUTE - SECOND)
    assert not await stage.queue.claim(100)
    stage.clock.advance(MOMENT + MINUTE)
    assert names(await stage.queue.claim(100)) == ["1 wecom_app"] * 2


async def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_fenced(
    stage: Stage,
) -> None:
    await ready(stage, urgency="middle")
    brief = replace(stage.queue, lease=timedelta())
    (late,) = await brief.claim(100)
    (lost,) = await stage.queue.lost(100)
    assert not await stage.queue.lost(100)
    assert lost.intent_id == late.intent_id

    await stage.teller.conclude(late, Rejected("errcode-40003"))
    assert await stage.intents() == ["1 m001 wecom_app 1 sending"]
    await stage.teller.conclude(lost, Retry("lease-expired", unsure=True))
    assert await stage.intents() == ["1 m001 wecom_app 1 retry"]
    (row,) = await stage.rows(select(t.intents.c.unsure, t.intents.c.lease))
    assert tuple(row) == (1, None)


async def test_an_sms_lost_twice_ends_ambiguous(stage: Stage) -> None:
    await ready(stage)
    for _ in range(2):
        brief = replace(stage.queue, lease=timedelta())
        await brief.claim(100)
        for lost in await stage.queue.lost(100):
            await stage.teller.conclude(lost, Retry("lease-expired", unsure=True))
        async with stage.database.begin() as connection:
            await connection.execute(text("UPDATE intents SET wall_retry = clock_timestamp()"))
    assert await stage.intents() == ["1 m001 wecom_app 1 retry", "1 m001 aliyun_sms 1 ambiguous"]


async def test_both_channels_rejected_at_the_same_time_reach_the_desk_once(
    stage: Stage,
) -> None:
    await ready(stage, accounts=8)
    claims = await stage.queue.claim(100)
    assert len(claims) == 16
    await asyncio.gather(*(stage.teller.conclude(c, Rejected("errcode-40003")) for c in claims))
    second = [line for line in await stage.intents() if " 2 " in line]
    assert second == ["1 r001 wecom_app 2 pending"] * 8
    rows = await stage.rows(select(func.count()).where(t.decisions.c.reason == "nobody-reached"))
    assert rows[0][0] == 8


async def test_a_withdrawal_is_told_to_those_who_heard(stage: Stage) -> None:
    await stage.learn(desk())
    await stage.hear(raised(urgency="middle"))
    stage.clock.advance(MOMENT + 5 * SECOND)
    await stage.teller.settle_due()
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(updated(2, urgency="middle"), withdrawn(3, urgency="middle"))
    assert [line.split()[:2] for line in await stage.intents()] == [
        ["1", "r001"],
        ["2", "m001"],
        ["3", "m001"],
        ["3", "r001"],
    ]


async def test_the_page_shows_revisions_deliveries_and_my_own_to_do(stage: Stage) -> None:
    await stage.learn(manager(), customer_changed("c1"))
    await stage.hear(raised(1, urgency="middle"), updated(2, urgency="middle"))
    (claim,) = await stage.queue.claim(100)
    await stage.teller.conclude(claim, Sent("m"))
    which = raised().data.alert_id

    view = await stage.records.view(which, "m001")
    assert view is not None
    assert [(e.type, state) for e, state in view.revisions] == [
        ("alert.raised", "told"),
        ("alert.updated", "told"),
    ]
    assert [(d.revision, d.state, d.at) for d in view.deliveries] == [
        (1, "sent", MOMENT),
        (2, "pending", None),
    ]
    assert (view.client, view.is_todo) == ("张**", False)

    for _ in range(2):
        assert await stage.records.add_todo(which, "m001", MOMENT)
    mine, another = [await stage.records.view(which, who) for who in ("m001", "m002")]
    assert mine is not None
    assert another is not None
    assert (mine.is_todo, another.is_todo) == (True, False)
    assert await stage.records.view(raised(account="80099999").data.alert_id, "m001") is None
    assert not await stage.records.add_todo(
        raised(account="80099999").data.alert_id, "m001", MOMENT
    )
