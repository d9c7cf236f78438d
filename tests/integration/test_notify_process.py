"""notify as a process over the real Kafka and PostgreSQL, before the gateway."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import httpx
import pytest
from sqlalchemy import text

from deploy.embedded.credentials import CREDENTIALS
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stores
from shared.contracts.profiles import Eligible, became_eligible
from shared.contracts.topics import ALERT, CUSTOMER, DELIVERY, PROFILE, REPLY, STAFF
from shared.db.session import engine
from shared.kernel.ids import short_code
from shared.settings import PostgresSettings
from shared.streams.publish import Record
from tests.kit import wecom_seal
from tests.kit.alerts import (
    MORNING,
    NIGHT,
    alert,
    customer_changed,
    raised,
    updated,
)
from tests.kit.eventually import eventually
from tests.kit.notify_process import (
    DESK_MOBILE,
    Stage,
    Started,
    fresh,
    started,
    tick,
)
from tests.kit.topic import read_all, record, send

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
RECEIVED = "notify_alerts_received_total{decision="
SMS = 'notify_deliveries_total{channel="aliyun_sms",outcome='
LINK = re.compile(r"/alerts/(?P<alert>[0-9a-f-]{36})\?to=(?P<to>\w+)&sig=(?P<sig>[0-9a-f]+)")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Stores of this file's own: the tests kill things, and one group reads the topics."""
    with Stores(tmp_path_factory.mktemp("notify"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="module")
def shared(own: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """The chain that most of these tests share, on the wall's clock."""
    with started(own, tmp_path_factory.mktemp("chain"), simulated=False) as running:
        yield running


@pytest.fixture
async def stage(shared: Started) -> AsyncIterator[Stage]:
    """The shared chain, healthy."""
    async with httpx.AsyncClient(timeout=10) as client:
        await client.delete(f"{shared.chain.url('sandbox')}/sandbox/faults")
        if not shared.notify.running:
            shared.notify.start()
        shared.notify.wait_ready()
        yield Stage(shared.chain, shared.notify, shared.sandbox, client)


@pytest.fixture
def ticking(own: Stores, shared: Started, tmp_path: Path) -> Iterator[Started]:
    """A chain of its own whose time is what the ticks say; the shared one rests meanwhile."""
    shared.notify.terminate()
    with started(own, tmp_path, simulated=True) as running:
        yield running


@pytest.fixture
def buttoned(own: Stores, shared: Started, tmp_path: Path) -> Iterator[Started]:
    """A chain of its own whose cards have buttons; the shared one rests meanwhile."""
    shared.notify.terminate()
    form = {"NOTIFY_WECOM__FORM": "buttons"}
    with started(own, tmp_path, simulated=False, extra=form) as running:
        yield running


@pytest.fixture
async def by_taps(buttoned: Started) -> AsyncIterator[Stage]:
    """The chain with buttons."""
    async with httpx.AsyncClient(timeout=10) as client:
        yield Stage(buttoned.chain, buttoned.notify, buttoned.sandbox, client)


@pytest.fixture
async def by_ticks(ticking: Started) -> AsyncIterator[Stage]:
    """The chain that ticks."""
    async with httpx.AsyncClient(timeout=10) as client:
        yield Stage(ticking.chain, ticking.notify, ticking.sandbox, client)


async def test_from_an_alert_to_two_phones(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, mobile = await one.people(account)
    await one.tell(raised(account=account))
    await one.idle()
    wecom, sms = sorted(await one.journal(account), key=lambda e: e["channel"], reverse=True)
    code = short_code(raised(account=account).data.alert_id)
    assert (wecom["to"], wecom["title"], wecom["outcome"]) == (manager, "大额出金", "delivered")
    assert (sms["to"], sms["outcome"]) == (mobile, "delivered")
    assert sms["text"] == (
        f"【观潮】大额出金：张**尾号{account[-3:]}，今日累计出金500万元，"
        f"警戒线500万元。请立即联系客户。{code}-1"
    )
    assert not wecom.get("overlong")

    before = await one.metrics()
    await one.tell(raised(account=account), raised(account=account))
    await one.tell(updated(2, account=account), raised(account=account))
    await one.idle()
    assert await one.since(before, f'{RECEIVED}"accepted"') == 1
    assert await one.since(before, f'{RECEIVED}"repeated"') == 3
    assert [e["title"] for e in await one.journal(account) if e["channel"] == "wecom"] == [
        "大额出金",
        "大额出金（更新）",
    ]


async def test_a_fact_of_profile_reaches_the_manager_once(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, _ = await one.people(account)
    told = Eligible(
        broker="demo",
        customer_id=f"c{account}",
        account=account,
        permissions=("ine-crude",),
        names=("原油期货和期权",),
        trading_day=MORNING.date(),
    )
    fact = record(PROFILE.name, became_eligible(told, MORNING))
    await send(one.chain.stores.kafka, [fact, fact])

    async def arrived() -> list[dict[str, Any]]:
        journal = await one.http.get(f"{one.chain.url('sandbox')}/sandbox/journal")
        return [entry for entry in journal.json() if entry["to"] == manager]

    await eventually(arrived, within=60)
    await one.idle()
    (entry,) = await arrived()
    assert (entry["title"], entry["outcome"]) == ("特殊品种可开通", "delivered")
    assert "原油期货和期权" in entry["text"]


async def test_the_cards_link_opens_a_page_and_a_to_do(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, _ = await one.people(account)
    await one.tell(raised(account=account, urgency="middle", summary="<b>今日"))
    await one.idle()
    (entry,) = await one.journal(account)
    url = entry["request"]["template_card"]["card_action"]["url"]
    page = await one.http.get(url)
    assert page.status_code == 200
    assert "&lt;b&gt;今日" in page.text
    assert f"企业微信 → {manager} · 已送出" in page.text
    assert "script" not in page.text
    assert page.headers["cache-control"] == "no-store"

    found = LINK.search(url)
    assert found is not None
    base = url[: found.start()]
    todo = re.search(r'action="([^"]+/todo[^"]*)"', page.text)
    assert todo is not None
    action = base + todo[1].replace("&amp;", "&")
    for _ in range(2):
        done = await one.http.post(action)
        assert (done.status_code, done.headers["location"]) == (303, found.group())
    assert "已加入待办" in (await one.http.get(url)).text

    signature, other = found["sig"], "0" * 36
    for wrong, status in (
        (url.replace(signature, "0" * 64), 403),
        (url.replace(f"to={manager}", "to=m002"), 403),
        (f"{base}/alerts/{found['alert']}", 403),
        (url.replace(found["alert"], other), 400),
        (url.replace(found["alert"], "00000000-0000-0000-0000-000000000000"), 403),
    ):
        assert (await one.http.get(wrong)).status_code == status
    assert (await one.http.post(url.replace("?", "/todo?"))).status_code == 403
    assert (await one.http.get(action)).status_code == 405


async def test_an_answer_on_the_page_is_told_once_beside_every_delivery(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, _ = await one.people(account)
    heir, _ = await one.people(*fresh())
    await one.tell(raised(account=account))
    await one.idle()
    entry = next(e for e in await one.journal(account) if e["channel"] == "wecom")
    url = entry["request"]["template_card"]["card_action"]["url"]
    base, shown = url.partition("/alerts/")[0], (await one.http.get(url)).text
    found = re.search(r'action="(/alerts/[^"]+/answer[^"]+)"', shown)
    assert found is not None
    action = base + found[1].replace("&amp;", "&")
    told = {"kind": "handed-over", "to": heir, "once": "0"}
    assert (await one.http.post(action.replace("sig=", "sig=0"), data=told)).status_code == 403
    for wrong in ({"kind": "handed-over", "to": "nobody"}, {"kind": "shouted"}, {}):
        assert (await one.http.post(action, data=wrong)).status_code == 422
    for _ in range(2):
        assert (await one.http.post(action, data=told)).status_code == 303
    assert (await one.http.post(action, data={"kind": "contacted", "once": "1"})).status_code == 303
    await one.idle()
    assert f"{manager} · 转交 → {heir}" in (await one.http.get(url)).text

    async def published() -> list[Any] | None:
        replies, ends = [
            [json.loads(r.value)["data"] for r in await read_all(one.chain.stores.kafka, topic)]
            for topic in (REPLY.name, DELIVERY.name)
        ]
        mine = [d for d in (*replies, *ends) if d["account"] == account]
        return mine if len(mine) >= 6 else None

    events = await eventually(published)
    assert [e["kind"] for e in events if "kind" in e] == ["handed-over", "contacted"]
    ends = sorted((e["receiver"], e["channel"], e["end"]) for e in events if "end" in e)
    assert ends == sorted(
        (who, way, "sent") for who in (manager, heir) for way in ("wecom_app", "aliyun_sms")
    )


async def test_a_tap_on_a_card_is_an_answer_once(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, _ = await one.people(account)
    event = raised(account=account, urgency="middle")
    await one.tell(event)
    await one.idle()
    where, now = f"{one.chain.url('notify')}/callbacks/wecom", int(time.time())
    intent = uuid5(event.data.alert_id, f"1|1|wecom_app|{manager}")
    corp = CREDENTIALS["NOTIFY_WECOM__CORP_ID"]
    for nonce, userid in (("n1", "somebody"), ("n2", manager), ("n3", manager), ("n3", manager)):
        body = wecom_seal.posted(wecom_seal.tap(str(intent), "contacted", userid, now), corp)
        query = wecom_seal.signed(wecom_seal.encrypted(body), now, nonce)
        began = time.monotonic()
        assert (await one.http.post(where, params=query, content=body)).status_code == 200
        assert time.monotonic() - began < 1
        stale = wecom_seal.signed(wecom_seal.encrypted(body), now - 600)
        assert (await one.http.post(where, params=stale, content=body)).status_code == 403

    async def answered() -> list[Any] | None:
        records = await read_all(one.chain.stores.kafka, REPLY.name)
        replies = [json.loads(record.value)["data"] for record in records]
        return [r for r in replies if r["account"] == account] or None

    await eventually(answered)
    before = await one.metrics()
    await one.read()
    assert before['notify_callbacks_total{fate="kept"}'] == 3
    assert before['notify_callbacks_total{fate="replayed"}'] == 1
    (reply,) = await answered() or []
    assert (reply["by"], reply["kind"], reply["via"]) == (manager, "contacted", "card")


async def test_a_kill_between_an_answer_and_its_card_still_changes_the_card_once(
    by_taps: Stage,
) -> None:
    one, (account,) = by_taps, fresh()
    manager, _ = await one.people(account)
    event = raised(account=account, urgency="middle")
    await one.tell(event)
    await one.idle()
    (card,) = await one.journal(account)
    tapped = {"message": card["receipt"], "userid": manager, "key": "contacted"}
    click = await one.http.post(f"{one.chain.url('sandbox')}/sandbox/clicks", json=tapped)
    code = click.json()["response_code"]
    change = {"match": {"channel": "wecom-change"}, "fault": "close", "times": 1000}
    await one.fault(change)

    now = int(time.time())
    intent = card["request"]["template_card"]["task_id"]
    said = wecom_seal.tap(intent, "contacted", manager, now).replace("rc-1", code)
    body = wecom_seal.posted(said, CREDENTIALS["NOTIFY_WECOM__CORP_ID"])
    query = wecom_seal.signed(wecom_seal.encrypted(body), now)
    where = f"{one.chain.url('notify')}/callbacks/wecom"
    for _ in range(2):
        assert (await one.http.post(where, params=query, content=body)).status_code == 200

    async def tried() -> bool:
        names = 'notify_deliveries_total{channel="wecom_app",outcome="unsure"'
        return any(name.startswith(names) for name in await one.metrics())

    await eventually(tried)
    one.notify.kill()
    await one.http.delete(f"{one.chain.url('sandbox')}/sandbox/faults")
    one.notify.start()
    await asyncio.to_thread(one.notify.wait_ready)
    await one.idle()
    entries = (await one.http.get(f"{one.chain.url('sandbox')}/sandbox/journal")).json()
    changed = [
        (e["to"], e["text"])
        for e in entries
        if e["channel"] == "wecom-change" and e["title"] == "update_template_card"
        if e["outcome"] == "delivered"
    ]
    assert changed == [(manager, "已联系（已记下）")]


async def test_poison_stops_nothing(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    await one.people(account)
    good = raised(account=account, urgency="middle")
    huge = good.model_copy(update={"id": "huge"})
    huge = huge.model_copy(update={"data": huge.data.model_copy(update={"revision": 10**30})})
    nul = good.model_copy(update={"id": "nul\x00"})
    key = good.subject.encode()
    unordered = customer_changed("c0").model_copy(update={"sequence": None})
    kafka, counted = one.chain.stores.kafka, await one.metrics()
    before = {t.name: len(await read_all(kafka, f"{t.name}.dlq")) for t in (ALERT, CUSTOMER, STAFF)}
    await send(
        kafka,
        [
            Record(ALERT.name, key, b"garbage"),
            Record(ALERT.name, key, b'{"type":"alert.raised"}'),
            Record(ALERT.name, key, b"\xff\xfe"),
            Record(ALERT.name, key, b""),
            Record(ALERT.name, key, huge.encode()),
            Record(ALERT.name, key, nul.encode()),
            Record(ALERT.name, key, good.encode().replace(b'"middle"', b'"shrill"')),
            Record(CUSTOMER.name, b"c0", unordered.encode()),
            Record(CUSTOMER.name, b"c0", b"{}"),
            Record(STAFF.name, b"m001", b"[]"),
            record(ALERT.name, good),
        ],
    )
    await one.idle()
    assert [e["outcome"] for e in await one.journal(account)] == ["delivered"]
    reasons = []
    for topic, count in ((ALERT, 7), (CUSTOMER, 2), (STAFF, 1)):
        letters = (await read_all(kafka, f"{topic.name}.dlq"))[before[topic.name] :]
        assert len(letters) == count
        for letter in letters:
            headers = {name: value.decode() for name, value in letter.headers}
            assert headers["origin-topic"] == topic.name
            assert headers["origin-partition"].isdecimal()
            assert headers["origin-offset"].isdecimal()
            reasons.append(headers["reason"])
    assert "sequence: missing" in reasons
    assert "the record has no value" in reasons
    assert reasons.count("the database cannot hold one of its values") == 2
    assert any("data.urgency: enum" in reason for reason in reasons)
    assert await one.since(counted, f'{RECEIVED}"unreadable"') == 7


async def test_an_unknown_account_goes_to_the_risk_desk_after_the_wait(stage: Stage) -> None:
    one, (account, other) = stage, fresh(2)
    await one.people(other)
    began = time.time()
    await one.tell(raised(account=account))
    await one.idle()
    entries = await one.journal(account)
    assert {(e["channel"], e["to"]) for e in entries} == {
        ("wecom", "r001"),
        ("sms", DESK_MOBILE),
    }
    assert all(4.5 < e["wall"] - began < 15 for e in entries)
    assert all(account[-3:] in e["text"] for e in entries)
    assert all("未知客户" in e["text"] for e in entries)


async def test_an_answer_that_never_comes_tells_nobody_twice(stage: Stage) -> None:
    """Accepted, then the connection closes: 企业微信 drops the repeat, the SMS is repeated once."""
    one, (account,) = stage, fresh()
    await one.people(account)
    await one.fault(
        {"match": {"channel": "wecom"}, "fault": "accept-then-close", "times": 2},
        {"match": {"channel": "sms"}, "fault": "accept-then-close", "times": 5},
    )
    before = await one.metrics()
    await one.tell(raised(account=account))
    await one.idle()
    assert await one.outcomes(account) == {
        "wecom": {"delivered": 1, "duplicate": 2},
        "sms": {"delivered": 2},
    }
    assert await one.since(before, f'{SMS}"unsure"') == 1
    assert await one.since(before, f'{SMS}"ambiguous"') == 1


@pytest.mark.parametrize(
    ("fault", "wecom", "token_calls"),
    [
        ({"fault": "status", "value": 502}, {"faulted": 1, "delivered": 1}, 0),
        ({"fault": "errcode", "value": -1}, {"faulted": 1, "delivered": 1}, 0),
        ({"fault": "errcode", "value": 42001}, {"faulted": 1, "delivered": 1}, 1),
        ({"fault": "garbage"}, {"faulted": 1, "delivered": 1}, 0),
        ({"fault": "close"}, {"faulted": 1, "delivered": 1}, 0),
        ({"fault": "accept-then-garbage"}, {"delivered": 1, "duplicate": 1}, 0),
        ({"fault": "accept-then-wait", "value": 3}, {"delivered": 1, "duplicate": 1}, 0),
    ],
)
async def test_what_the_gateway_does_wrong_is_got_over(
    stage: Stage, fault: dict[str, Any], wecom: dict[str, int], token_calls: int
) -> None:
    one, (first, account) = stage, fresh(2)
    await one.people(first, account)
    await one.tell(raised(account=first, urgency="middle"))  # it has a token now
    await one.idle()
    had = await one.tokens()
    await one.fault({"match": {"channel": "wecom"}, **fault})
    await one.tell(raised(account=account, urgency="middle"))
    await one.idle()
    assert await one.outcomes(account) == {"wecom": wecom, "sms": {}}
    assert await one.tokens() == had + token_calls


async def test_what_nobody_can_be_sent_reaches_the_risk_desk_once(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    manager, mobile = await one.people(account)
    await one.fault(
        {"match": {"to": manager}, "fault": "errcode", "value": 60111},
        {"match": {"to": mobile}, "fault": "errcode", "value": "isv.MOBILE_NUMBER_ILLEGAL"},
    )
    await one.tell(raised(account=account))
    await one.idle()
    assert {(e["to"], e["outcome"]) for e in await one.journal(account)} == {
        (manager, "faulted"),
        (mobile, "faulted"),
        ("r001", "delivered"),
        (DESK_MOBILE, "delivered"),
    }


async def test_a_kill_while_the_gateway_has_the_message_tells_nobody_twice(stage: Stage) -> None:
    """Kill -9 after the POST and before its outcome."""
    one, (account,) = stage, fresh()
    await one.people(account)
    await one.fault(
        {"match": {"channel": "wecom"}, "fault": "accept-then-wait", "value": 5},
        {"match": {"channel": "sms"}, "fault": "accept-then-wait", "value": 5},
    )
    await one.tell(raised(account=account))

    async def taken() -> bool:
        return len(await one.journal(account)) == 2

    await eventually(taken)
    one.notify.kill()
    one.notify.start()
    one.notify.wait_ready()
    await one.idle()
    assert await one.outcomes(account) == {
        "wecom": {"delivered": 1, "duplicate": 1},
        "sms": {"delivered": 2},
    }


async def test_kills_at_any_moment_lose_nothing_and_tell_nobody_twice(stage: Stage) -> None:
    one, chance = stage, random.Random(20260601)  # noqa: S311 a schedule, no secret
    accounts = fresh(30)
    for n in range(6):
        told = accounts[5 * n : 5 * n + 5]
        await one.people(*told)
        await one.tell(*(raised(account=a, urgency="middle") for a in told))
        await asyncio.sleep(chance.uniform(0, 0.4))  # the moment of the kill
        one.notify.kill()
        one.notify.start()
        one.notify.wait_ready()
        await asyncio.sleep(chance.uniform(0, 0.4))  # some kills come in the recovery
        if chance.random() < 0.5:
            one.notify.kill()
            one.notify.start()
            one.notify.wait_ready()
    await one.idle(within=180)
    entries = await one.journal(*accounts)
    delivered = Counter(e["text"] for e in entries if e["outcome"] == "delivered")
    assert len(delivered) == len(accounts)
    assert set(delivered.values()) == {1}
    assert {e["outcome"] for e in entries} <= {"delivered", "duplicate"}


async def test_a_lost_database_ends_the_process_and_loses_nothing(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    await one.people(account)
    one.chain.stores.postgres_server.kill()

    async def ended() -> bool:
        return one.notify.exit_code is not None

    await eventually(ended)
    assert one.notify.exit_code == 70
    await one.tell(raised(account=account))
    one.chain.stores.postgres_server.start()
    one.chain.stores.postgres_server.wait_ready()
    one.notify.start()
    one.notify.wait_ready()
    await one.idle()
    assert len(await one.journal(account)) == 2


async def test_sigterm_drains_what_is_under_way(stage: Stage) -> None:
    one, (account,) = stage, fresh()
    await one.people(account)
    await one.fault({"match": {"channel": "wecom"}, "fault": "accept-then-wait", "value": 0.5})
    await one.tell(raised(account=account, urgency="middle"))

    async def taken() -> bool:
        return len(await one.journal(account)) == 1

    await eventually(taken)
    began = time.monotonic()
    one.notify.terminate()
    assert one.notify.exit_code == 0
    assert time.monotonic() - began < 10
    assert one.chain.dsn is not None
    database = engine(PostgresSettings.model_validate({"dsn": one.chain.dsn}), "notify")
    async with database.connect() as connection:
        found = await connection.scalars(text("SELECT DISTINCT state FROM intents"))
        assert "sending" not in found.all()
    await database.dispose()


async def test_by_ticks_the_night_waits_for_the_morning(by_ticks: Stage) -> None:
    one, (account, another) = by_ticks, fresh(2)
    await one.people(account, another)
    await one.tell(raised(account=account, urgency="middle"))
    now = await one.read()
    assert (now["notify_waiting_alerts"], now["notify_open_intents"]) == (1, 0)

    await tick(one, NIGHT)
    await one.tell(alert("updated", 2, account=account, urgency="middle"))
    await one.tell(raised(account=another, urgency="high"))

    async def urgent() -> bool:
        return len(await one.journal(another)) == 2

    await eventually(urgent)
    await tick(one, MORNING - timedelta(minutes=1))
    one.notify.kill()
    one.notify.start()
    one.notify.wait_ready()
    assert (await one.read())["notify_waiting_alerts"] == 1
    assert not await one.journal(account)

    await tick(one, MORNING)
    await one.idle()
    assert [e["title"] for e in await one.journal(account)] == ["大额出金（更新）"]
    assert [e["at"][:16] for e in await one.journal(account)] == ["2026-06-02T08:00"]
