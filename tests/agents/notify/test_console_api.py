"""The console's API: inbox, search, history and answers, over fakes."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import fastapi.routing
import pytest

from services.notify.domain.answer import Contacted, Snoozed
from services.notify.live import MOST_OF_ONE, Live
from shared.web.refusal import Refusal
from tests.kit.console import CONTACTED, Counter, alert_of
from tests.kit.eventually import eventually
from tests.kit.issuer import NOW

OWN = "80000001"
LATER = (NOW + timedelta(minutes=30)).isoformat()


async def inbox(counter: Counter, query: str = "", who: str = "m1") -> dict[str, Any]:
    answer = await counter.get(f"/v1/inbox{query}", counter.token(who))
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def accounts(page: dict[str, Any]) -> list[str]:
    return [one["account"] for one in page["alerts"]]


async def test_an_inbox_is_newest_first_in_pages_and_masked() -> None:
    counter = Counter()
    counter.console.told += [("m1", "80000003"), ("m1", "80000006")]
    seen, query = [], "?limit=1"
    for _ in range(4):
        page = await inbox(counter, query)
        seen += accounts(page)
        query = f"?limit=1&before={page['next']}"
    assert seen == ["***006", "***003", "***005", "***001"]
    assert (await inbox(counter, query))["alerts"] == []
    assert "80000001" not in json.dumps(page)
    assert page["alerts"][0]["client"] == "张**"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("open=true", 2),
        ("open=false", 0),
        ("urgency=high", 2),
        ("urgency=low", 0),
        ("rule=large_withdrawal", 2),
        ("rule=margin_call", 0),
        ("day=2026-06-01", 2),
        ("day=2026-06-02", 0),
    ],
)
async def test_an_inbox_is_filtered(query: str, count: int) -> None:
    assert len((await inbox(Counter(), f"?{query}"))["alerts"]) == count


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"account": "80000004"}, ["***004"]),
        ({"staff": "m3"}, ["***003"]),
        ({"day_from": "2026-06-02"}, []),
        ({"day_to": "2026-05-31"}, []),
        ({"outcome": "suppressed"}, []),
        ({"outcome": "told", "limit": 1}, ["***006"]),
    ],
)
async def test_a_search_finds_by_all_that_is_given(asked: dict[str, Any], found: list[str]) -> None:
    counter = Counter()
    answer = await counter.ask("POST", "/v1/alerts/search", counter.token("r1"), asked)
    assert accounts(answer.json()) == found


async def test_looks_are_in_the_audit_by_what_was_asked() -> None:
    counter = Counter()
    await inbox(counter)
    asked = {"account": OWN, "rule": "large_withdrawal"}
    await counter.ask("POST", "/v1/alerts/search", counter.token("m1"), asked)
    await counter.get(f"/v1/alerts/{alert_of(OWN)}", counter.token("m1"))
    told = (await counter.get("/v1/audit", counter.token("a1"))).json()["entries"]
    assert [(e["action"], e["subject"], e["fields"]) for e in reversed(told)] == [
        ("inbox.read", "m1", []),
        ("alerts.searched", OWN, ["account", "rule"]),
        ("alert.read", str(alert_of(OWN)), []),
    ]


async def test_what_cannot_be_audited_is_not_answered() -> None:
    counter = Counter()
    counter.console.trail.fail = Refusal(503, "the database is away")
    for path in ("/v1/inbox", f"/v1/alerts/{alert_of(OWN)}", "/v1/inbox/events"):
        assert (await counter.get(path, counter.token("m1"))).status_code == 503
    assert (await counter.answer(OWN, counter.token("m1"), CONTACTED)).status_code == 503
    assert counter.taken == []


async def test_a_history_has_every_part() -> None:
    counter = Counter()
    await counter.answer(OWN, counter.token("m1"), CONTACTED)
    told = (await counter.get(f"/v1/alerts/{alert_of(OWN)}", counter.token("m1"))).json()
    assert told["alert"]["open"] is False
    assert told["decisions"][0]["words"] == "收件人是客户的经理 | the client's manager"
    assert told["deliveries"][0]["attempts"][0]["outcome"] == "sent"
    assert told["receipts"][0]["arrived"] is True
    assert [(a["kind"], a["by"], a["via"]) for a in told["answers"]] == [
        ("contacted", "m1", "console")
    ]
    for secret in ("sealed", OWN):
        assert secret not in json.dumps(told)


async def test_said_twice_it_is_the_same_answer() -> None:
    counter, me = Counter(), Counter().token("m1")
    first = await counter.answer(OWN, me, CONTACTED)
    again = await counter.answer(OWN, me, CONTACTED)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["fate"], again.json()["fate"]) == ("taken", "repeated")
    assert first.json()["answer"] == again.json()["answer"]
    assert [given.answer for given in counter.taken] == [Contacted()]
    other = await counter.answer(OWN, me, {"kind": "false-alarm"})
    back = await counter.answer(OWN, me, CONTACTED)
    assert (other.status_code, back.status_code) == (201, 201)


async def test_a_key_makes_a_repeat_whatever_happened_meanwhile() -> None:
    counter, me, key = Counter(), Counter().token("m1"), {"Idempotency-Key": "k-1"}
    later = {"kind": "snoozed", "until": LATER, "reason": "客户 13812345678 在开会"}
    first = await counter.answer(OWN, me, later, **key)
    await counter.answer(OWN, me, CONTACTED)
    counter.clock.advance(NOW + timedelta(minutes=3))
    again = await counter.answer(OWN, me, later, **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["answer"]["reason"] == "客户 … 在开会"
    other = await counter.answer(OWN, me, CONTACTED, **key)
    assert (other.status_code, other.json()["detail"][:20]) == (409, "this Idempotency-Key")
    assert isinstance(counter.taken[0].answer, Snoozed)


async def test_a_time_that_is_chosen_is_settled_once_and_its_key_repeats_it() -> None:
    counter, me = Counter(), Counter().token("m1")
    said = {"kind": "snoozed", "later": "10m", "reason": "开会"}
    first = await counter.answer(OWN, me, said, **{"Idempotency-Key": "k-1"})
    counter.clock.advance(NOW + timedelta(minutes=3))
    again = await counter.answer(OWN, me, said, **{"Idempotency-Key": "k-1"})
    other = await counter.answer(OWN, me, said | {"later": "1h"}, **{"Idempotency-Key": "k-1"})
    longer = await counter.answer(OWN, me, said)
    assert [one.status_code for one in (first, again, other, longer)] == [201, 200, 409, 201]
    until = datetime.fromisoformat(first.json()["answer"]["until"])
    assert until == NOW + timedelta(minutes=10)
    assert again.json()["answer"] == first.json()["answer"]


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ({"kind": "snoozed", "until": NOW.isoformat(), "reason": "x"}, 422, "not-a-later"),
        ({"kind": "snoozed", "until": LATER}, 400, "reason"),
        ({"kind": "snoozed", "until": LATER, "later": "1h", "reason": "x"}, 400, "not both"),
        ({"kind": "snoozed", "later": "soon", "reason": "x"}, 400, "later"),
        ({"kind": "snoozed", "later": "close", "reason": "x"}, 201, ""),
        ({"kind": "snoozed", "reason": "x"}, 201, ""),
        ({"kind": "snoozed", "until": "2026-06-02T11:00:00", "reason": "x"}, 400, "until"),
        ({"kind": "handed-over", "to": "m1"}, 422, "to-oneself"),
        ({"kind": "handed-over", "to": "m99"}, 422, "unknown-person"),
        ({"kind": "handed-over", "to": "m4"}, 422, "out-of-reach"),
        ({"kind": "handed-over", "to": "m3"}, 201, ""),
        ({"kind": "handed-over", "to": "r1"}, 201, ""),
        ({"kind": "handed-over"}, 400, "to"),
        ({"kind": "shrugged"}, 400, "kind"),
        ({"kind": "contacted", "by": "m2"}, 400, "by"),
    ],
)
async def test_what_cannot_be_taken_says_why(said: dict[str, Any], status: int, why: str) -> None:
    counter = Counter()
    answer = await counter.answer(OWN, counter.token("m1"), said)
    assert answer.status_code == status, answer.text
    assert why in answer.text
    assert (OWN in answer.text, len(counter.console.answers.get(alert_of(OWN), []))) == (
        False,
        int(status == 201),
    )


async def followed(counter: Counter, path: str, **headers: str) -> list[str]:
    """Follow until everybody is sent away; return what came."""
    asked = asyncio.create_task(counter.ask("GET", path, counter.token("m1"), **headers))
    await eventually(lambda: _following(counter))
    counter.console.moved.append(("m1", "80000005"))
    await counter.live.step()
    await asyncio.sleep(0)
    counter.live.close()
    return [line for line in (await asked).text.splitlines() if line]


async def _following(counter: Counter) -> bool | None:
    return bool(counter.live._bells) or None


async def test_who_follows_is_told_of_what_changes_and_goes_on_where_it_was() -> None:
    counter = Counter()
    counter.console.moved = [("m1", OWN), ("m4", "80000004"), ("m1", OWN)]
    lines = await followed(counter, "/v1/inbox/events?after=0", **{"Last-Event-ID": "1"})
    assert lines[0] == ": following"
    assert [line for line in lines if line.startswith("id: ")] == ["id: 3", "id: 4"]
    told = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    assert [one["account"] for one in told] == ["***001", "***005"]


async def test_from_now_on_nothing_older_is_told() -> None:
    counter = Counter()
    counter.console.moved = [("m1", OWN)]
    lines = await followed(counter, "/v1/inbox/events")
    assert [line for line in lines if line.startswith("id: ")] == ["id: 2"]


async def test_while_nothing_happens_a_comment_keeps_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert vars(fastapi.routing)["_PING_INTERVAL"] == 15, "docs/operations/console.md says so"
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.02)
    counter = Counter()
    asked = asyncio.create_task(counter.ask("GET", "/v1/inbox/events", counter.token("m1")))
    await eventually(lambda: _following(counter))
    await asyncio.sleep(0.2)
    counter.live.close()
    lines = [line for line in (await asked).text.splitlines() if line]
    assert lines[0] == ": following"
    assert len([line for line in lines if line == ": ping"]) > 1


async def test_a_page_says_from_where_to_follow() -> None:
    counter = Counter()
    counter.console.moved = [("m1", OWN)] * 3
    assert (await inbox(counter))["place"] == 3


async def test_one_person_has_a_few_connections_and_no_more() -> None:
    live = Live(Counter().console.place)
    with live.follow("m1"), live.follow("m1"), live.follow("m1"), live.follow("m1"):
        assert MOST_OF_ONE == 4
        with pytest.raises(Refusal, match="too many"), live.follow("m1"):
            pass
        with live.follow("m2"):
            pass
    with live.follow("m1"):
        pass


async def test_the_description_is_one_page_without_a_script() -> None:
    counter = Counter()
    shown = await counter.get("/docs", "")
    assert shown.status_code == 200
    for words in ("/v1/inbox/events", "handed-over", "Last-Event-ID", "大额出金"):
        assert words.lower() in shown.text.lower()
    assert "<script" not in shown.text
    assert "style-src 'sha256-" in shown.headers["content-security-policy"]
