"""The console over the real ledger: who has heard, what has changed, what is in reach."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from deploy.embedded.stack import Stores
from services.notify.adapters.hearing import Places
from services.notify.adapters.tables import intents
from services.notify.answering import Answering
from services.notify.application import application
from services.notify.climbing import Climbing
from services.notify.desk import Desk, desk
from services.notify.domain.outcome import Sent
from shared.clock import DrivenClock
from shared.db import audit
from shared.kernel.audit import Head, Sought
from shared.settings import TokenRules
from shared.web.api_keys import KeyRing
from shared.web.gate import Authority
from shared.web.tokens import Tokens
from tests.kit.alerts import ACCOUNT, BROKER, customer_changed, raised, staff_changed, updated
from tests.kit.alerts import withdrawn as withdrawn_alert
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer
from tests.kit.notify_ledger import Stage, ledger_stage
from tests.kit.notify_ledger import desk as risk

pytestmark = pytest.mark.integration
ALERT = raised().data.alert_id
OTHER = "80099999"
PEOPLE = (
    staff_changed("m001", branch_id="b01", leader_id="l001"),
    staff_changed("m002", branch_id="b01", leader_id="l001"),
    staff_changed("m004", branch_id="b02"),
    staff_changed("l001", role="team-lead", branch_id="b01"),
    staff_changed("left", branch_id="b01", left_on=date(2026, 5, 1)),
    risk(),
)


@dataclass
class Site:
    """The API over a ledger."""

    stage: Stage
    desk: Desk
    app: FastAPI
    issuer: Issuer
    places: Places

    async def ask(
        self, who: str, verb: str, path: str, json: Any = None, role: str = "manager"
    ) -> httpx.Response:
        token = self.issuer.token(staff_id=who, roles=[role])
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
            return await client.request(verb, path, headers=headers, json=json)

    async def inbox(self, who: str, query: str = "") -> list[dict[str, Any]]:
        answer = await self.ask(who, "GET", f"/v1/inbox{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["alerts"]
        return found

    async def search(self, who: str, role: str = "manager", **asked: Any) -> list[str]:
        answer = await self.ask(who, "POST", "/v1/alerts/search", asked, role)
        assert answer.status_code == 200, answer.text
        return [one["account"] for one in answer.json()["alerts"]]

    async def say(self, who: str, said: dict[str, Any]) -> httpx.Response:
        return await self.ask(who, "POST", f"/v1/alerts/{ALERT}/answers", said)

    async def changed(self, who: str, after: int) -> list[tuple[int, bool]]:
        while await self.places.step():
            pass
        async with self.desk.open_console() as console:
            return [(e.changed, e.open) for e in await console.changed({who}, after, 100)]


@pytest.fixture
async def site(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Site]:
    async with ledger_stage(stores, fresh_database("notify")) as stage:
        await stage.learn(*PEOPLE)
        await stage.learn(
            customer_changed("c1"),
            customer_changed("c2", accounts=(OTHER,), manager_id="m004"),
        )
        answering = Answering(stage.teller.ledger, stage.teller, stage.clock)
        made = desk(stage.database, BROKER, None, answering, DrivenClock(NOW))
        issuer = Issuer()
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE)
        tokens = Tokens(rules, issuer.jwks, DrivenClock(NOW))
        ring = [one for one in made.authority.identifiers if isinstance(one, KeyRing)]
        authority = Authority((*ring, tokens), made.authority.tree)
        known = replace(made, authority=authority)
        yield Site(stage, known, application((), known), issuer, Places(stage.database))


async def test_a_told_alert_is_in_the_inbox_until_it_is_answered(site: Site) -> None:
    await site.stage.hear(raised(), raised(account=OTHER))
    (mine,) = await site.inbox("m001", "?open=true&urgency=high&day=2026-06-01")
    assert (mine["account"], mine["client"], mine["open"]) == ("***345", "张**", True)
    assert mine["next_step"] is not None
    said = await site.say("m001", {"kind": "contacted"})
    assert (said.status_code, (await site.say("m001", {"kind": "contacted"})).status_code) == (
        201,
        200,
    )
    assert await site.inbox("m001", "?open=true") == []
    (mine,) = await site.inbox("m001", "?open=false&rule=large_withdrawal")
    assert (mine["last_answer"]["kind"], mine["next_step"]) == ("contacted", None)
    climbing = Climbing(
        site.stage.teller.ledger, site.stage.teller, site.stage.teller.escalation, site.stage.clock
    )
    site.stage.clock.advance(NOW)
    await climbing.step()
    climbed = select(intents.c.receiver).where(intents.c.alert_id == ALERT).distinct()
    assert [row.receiver for row in await site.stage.rows(climbed)] == ["m001"]
    told = (await site.ask("m001", "GET", f"/v1/alerts/{ALERT}")).json()
    assert [(a["kind"], a["via"]) for a in told["answers"]] == [("contacted", "console")]


async def test_what_is_in_reach_is_found_and_nothing_else(site: Site) -> None:
    await site.stage.hear(raised(), raised(account=OTHER))
    assert await site.search("m001") == ["***345"]
    assert await site.search("l001", "team-lead") == ["***345"]
    assert await site.search("m004") == ["***999"]
    assert await site.search("left") == await site.search("m002") == []
    assert await site.search("r001", "risk") == ["***999", "***345"]
    assert await site.search("r001", "risk", account=ACCOUNT, staff="m001") == ["***345"]
    assert await site.search("r001", "risk", outcome="suppressed") == []
    assert await site.search("r001", "risk", day_from="2026-06-01", limit=1) == ["***999"]
    other = f"/v1/alerts/{raised(account=OTHER).data.alert_id}"
    assert (await site.ask("m001", "GET", other)).status_code == 404
    async with site.desk.open_console() as console:
        links = await console.audit(Sought(limit=1))
        assert links[0].entry.outcome == "refused"
        assert isinstance(await audit.verify(site_connection(console), {}), Head)


def site_connection(console: Any) -> Any:
    return console.connection


async def test_a_clients_branch_is_the_one_the_relation_names(site: Site) -> None:
    moved = [{"account": ACCOUNT, "manager_id": "m001", "branch_id": "b02"}]
    await site.stage.learn(customer_changed("c1", 2, relations=moved))
    await site.stage.hear(raised())
    assert await site.search("m004", "branch-head") == ["***345"]
    assert await site.search("l001", "branch-head") == []


async def test_who_is_handed_an_alert_has_it_in_the_inbox(site: Site) -> None:
    await site.stage.hear(raised())
    assert (await site.say("m001", {"kind": "handed-over", "to": "m004"})).status_code == 422
    assert (await site.say("m001", {"kind": "handed-over", "to": "m002"})).status_code == 201
    (theirs,) = await site.inbox("m002")
    assert (theirs["open"], theirs["last_answer"]["to"]) == (True, "m002")
    assert (await site.say("m002", {"kind": "contacted"})).status_code == 201
    assert [one["open"] for one in await site.inbox("m001")] == [False]


async def test_an_update_asks_again_and_a_withdrawal_asks_no_more(site: Site) -> None:
    await site.stage.hear(raised())
    await site.say("m001", {"kind": "false-alarm"})
    await site.stage.hear(updated(2))
    assert [one["open"] for one in await site.inbox("m001")] == [True]
    for claimed in await site.stage.queue.claim(10):
        await site.stage.teller.conclude(claimed, Sent("m"))
    await site.stage.hear(withdrawn_alert(3))
    assert [one["open"] for one in await site.inbox("m001")] == [False]


async def test_each_change_has_a_place_behind_all_that_could_be_seen_before(site: Site) -> None:
    await site.stage.hear(raised())
    ((first, is_open),) = await site.changed("m001", 0)
    assert is_open
    assert await site.changed("m001", first) == []
    await site.say("m001", {"kind": "contacted"})
    ((second, is_open),) = await site.changed("m001", first)
    assert (second > first, is_open) == (True, False)
    assert await site.changed("m004", 0) == []


async def test_a_transaction_that_takes_long_is_not_missed(site: Site) -> None:
    """The one that began first ends last: whoever reads between the two sees both, each once."""
    long, short = raised(), raised(account=OTHER)
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with site.stage.teller.ledger.begin() as book:
            held = await book.enter([(long, "t/0/0")])
            assert held
            await site.stage.teller._settle(book, long.data.alert_id, held[long.id], long)
            await book.write()  # type: ignore[attr-defined]
            began.set()
            await go_on.wait()

    slow = asyncio.create_task(slowly())
    await began.wait()
    await site.stage.hear(short)
    ((place, _),) = await site.changed("m004", 0)
    go_on.set()
    await slow
    ((later, _),) = await site.changed("m001", place)
    assert later > place


async def test_two_replicas_give_each_place_once(site: Site) -> None:
    accounts = [f"8100{n:04d}" for n in range(40)]
    await site.stage.learn(customer_changed("c3", accounts=accounts, manager_id="m002"))
    await site.stage.hear(*(raised(account=account) for account in accounts))
    other = Places(site.stage.database)
    await asyncio.gather(*(one.step() for one in (site.places, other) * 10))
    seen = [place for place, _ in await site.changed("m002", 0)]
    assert len(seen) == len(set(seen)) == 40
    assert seen == sorted(seen)
