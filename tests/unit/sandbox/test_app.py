"""The HTTP application in process: its own endpoints, and input of every bad kind."""

import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.sandbox.app import create_app
from deploy.sandbox.sandbox import Sandbox, open_sandbox
from tests.kit.gateway import CORP, card, signed, sms_form

DAY = "2026-06-01T09:00:00+08:00"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = open_sandbox(tmp_path, posted=True)
    yield made
    made.close()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as made:
        yield made


async def send(client: httpx.AsyncClient, body: Any, token: str = "") -> httpx.Response:
    if not token:
        token = (await client.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/cgi-bin/message/send", params={"access_token": token}, content=raw)


async def test_the_clock_is_what_was_posted(client: httpx.AsyncClient) -> None:
    assert (await client.post("/sandbox/clock", json={"now": DAY})).json() == {"now": DAY}
    await send(client, card())
    assert (await client.get("/sandbox/journal")).json()[0]["at"] == DAY


@pytest.mark.parametrize("now", ["2026-06-01T09:00:00", "nine", None, 5e300, {}])
async def test_a_time_without_a_zone_is_no_time(client: httpx.AsyncClient, now: Any) -> None:
    content = json.dumps({"now": now}).encode()
    headers = {"content-type": "application/json"}
    answer = await client.post("/sandbox/clock", content=content, headers=headers)
    assert answer.status_code == 422


async def test_a_wall_clock_cannot_be_posted(tmp_path: Path) -> None:
    sandbox = open_sandbox(tmp_path / "wall")
    transport = httpx.ASGITransport(app=create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.post("/sandbox/clock", json={"now": DAY})
    sandbox.close()
    assert answer.status_code == 409
    assert "--clock posted" in answer.text


async def test_a_token_dies_on_the_sandboxs_clock(client: httpx.AsyncClient) -> None:
    await client.post("/sandbox/clock", json={"now": DAY})
    token = (await client.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
    await client.post("/sandbox/clock", json={"now": "2026-06-01T10:59:59+08:00"})
    assert (await send(client, card(), token)).json()["errcode"] == 0
    await client.post("/sandbox/clock", json={"now": "2026-06-01T11:00:00+08:00"})
    assert (await send(client, card(), token)).json()["errcode"] == 42001


async def test_revoked_tokens_are_unknown(client: httpx.AsyncClient) -> None:
    token = (await client.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
    await client.delete("/sandbox/tokens")
    assert (await send(client, card(), token)).json()["errcode"] == 40014
    assert (await send(client, card())).json()["errcode"] == 0


async def test_calls_of_gettoken_are_counted_and_not_shown(client: httpx.AsyncClient) -> None:
    token = (await client.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
    await client.get("/cgi-bin/gettoken", params=CORP | {"corpsecret": "guessed"})
    answer = await client.get("/sandbox/tokens")
    assert [call["code"] for call in answer.json()] == [0, 40001]
    assert token not in answer.text
    assert "guessed" not in answer.text


@pytest.mark.parametrize(
    ("fault", "status", "outcomes", "code"),
    [
        ({"fault": "status", "value": 502}, 502, ["faulted"], 502),
        ({"fault": "errcode", "value": 45009}, 200, ["faulted"], 45009),
        ({"fault": "errcode", "value": -1}, 200, ["faulted"], -1),
        ({"fault": "garbage"}, 200, ["faulted"], "garbage"),
        ({"fault": "close"}, 502, ["faulted"], "close"),
        ({"fault": "accept-then-drop"}, 200, ["dropped"], 0),
        ({"fault": "accept-then-close"}, 502, ["delivered"], 0),
        ({"fault": "accept-then-garbage"}, 200, ["delivered"], 0),
        ({"fault": "accept-then-wait", "value": 0.01}, 200, ["delivered"], 0),
        ({"fault": "latency", "value": 0.01}, 200, ["delivered"], 0),
    ],
)
async def test_a_fault_is_written_down_as_what_it_did(
    client: httpx.AsyncClient,
    fault: dict[str, Any],
    status: int,
    outcomes: list[str],
    code: int | str,
) -> None:
    """In process nothing can be closed: the empty 502 stands for it; see the integration test."""
    await client.post("/sandbox/faults", json=[fault | {"match": {"channel": "wecom"}}])
    answer = await send(client, card())
    entries = (await client.get("/sandbox/journal")).json()
    assert answer.status_code == status
    assert [entry["outcome"] for entry in entries] == outcomes
    assert entries[0]["code"] == code
    assert (await client.get("/sandbox/faults")).json() == []
    assert (await send(client, card(code="next"))).json()["errcode"] == 0


@pytest.mark.parametrize("fault", ["garbage", "accept-then-garbage"])
async def test_garbage_is_no_json(client: httpx.AsyncClient, fault: str) -> None:
    await client.post("/sandbox/faults", json=[{"fault": fault}])
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        (await send(client, card())).json()


async def test_what_was_accepted_and_lost_inside_is_a_duplicate_the_second_time(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/sandbox/faults", json=[{"fault": "accept-then-drop"}])
    assert (await send(client, card())).json()["errcode"] == 0
    assert (await send(client, card())).json()["errcode"] == 0
    entries = (await client.get("/sandbox/journal")).json()
    assert [entry["outcome"] for entry in entries] == ["dropped", "duplicate"]


async def test_a_faulted_send_is_no_duplicate_later(client: httpx.AsyncClient) -> None:
    await client.post("/sandbox/faults", json=[{"fault": "status", "value": 500}])
    await send(client, card())
    await send(client, card())
    entries = (await client.get("/sandbox/journal")).json()
    assert [entry["outcome"] for entry in entries] == ["faulted", "delivered"]


async def test_sms_and_gettoken_can_be_spoilt_too(client: httpx.AsyncClient) -> None:
    script = [
        {"fault": "errcode", "value": "isv.OUT_OF_SERVICE", "match": {"channel": "sms"}},
        {"fault": "errcode", "value": -1, "match": {"channel": "token"}},
    ]
    await client.post("/sandbox/faults", json=script)
    body = "&".join(f"{name}={value}" for name, value in sms_form().items()).encode()
    answer = await client.post("/", content=body, headers=signed(body))
    assert (answer.status_code, answer.json()["Code"]) == (200, "isv.OUT_OF_SERVICE")
    assert answer.json()["Message"] == "业务停机"
    assert (await client.get("/cgi-bin/gettoken", params=CORP)).json()["errcode"] == -1


async def test_a_fault_that_makes_no_sense_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sandbox/faults", json=[{"fault": "status", "value": 99}])
    assert answer.status_code == 422
    assert "status needs value: an HTTP status from 400 to 599" in answer.text


@pytest.mark.parametrize(
    "path", ["/cgi-bin/message/send", "/", "/sandbox/faults", "/sandbox/clock"]
)
@pytest.mark.parametrize("announced", [True, False])
async def test_more_than_a_mebibyte_is_too_much(
    client: httpx.AsyncClient, path: str, announced: bool
) -> None:
    body = b"x" * ((1 << 20) + 1)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 1 << 16):
            yield body[at : at + (1 << 16)]

    answer = await client.post(path, content=body if announced else pieces())
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "query",
    ["after=-1", "after=x", "after=99999999999999999999", "limit=-1", "after=1e3"],
)
async def test_a_bad_number_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/sandbox/journal?{query}")).status_code == 422


@pytest.mark.parametrize("query", ["view=x", "before=-1", "outcome=lost", f"person={'p' * 21}"])
async def test_a_bad_view_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/?{query}")).status_code == 422


async def test_a_gateway_that_cannot_write_says_so_and_stops(
    client: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.journal.log.failure = OSError(28, "No space left on device")
    answer = await send(client, card())
    assert answer.status_code == 503
    assert (await client.get("/livez")).status_code == 503
    assert sandbox.stopping.is_set()
    assert (await client.get("/sandbox/journal")).json() == []


def _mutations(seed: int) -> Iterator[bytes]:
    """Yield damaged messages: bytes changed, values of other types, strange strings."""
    luck = random.Random(seed)  # noqa: S311 a seed makes the run repeatable
    odd: list[Any] = [None, True, -1, 1e308, 2**70, "", "\ud800", "\x00", [], {}, [[]], "潮" * 5000]
    for _ in range(150):
        body = card()
        places: list[Any] = [body, body["template_card"], body["template_card"]["main_title"]]
        target = luck.choice(places)
        target[luck.choice(list(target))] = luck.choice(odd)
        raw = bytearray(json.dumps(body).encode())
        for _ in range(luck.choice([0, 0, 1, 3])):
            raw[luck.randrange(len(raw))] = luck.randrange(256)
        yield bytes(raw)


@pytest.mark.parametrize("seed", range(4))
async def test_no_message_whatever_breaks_it(
    client: httpx.AsyncClient, sandbox: Sandbox, seed: int
) -> None:
    token = (await client.get("/cgi-bin/gettoken", params=CORP)).json()["access_token"]
    for raw in _mutations(seed):
        answer = await send(client, raw, token)
        assert answer.status_code == 200
        assert isinstance(answer.json()["errcode"], int)
        form = await client.post("/", content=raw, headers=signed(raw))
        assert form.status_code in (200, 400)
        assert form.json()["Code"]
    for page in ("/", "/?view=operator", "/?person=p1"):
        assert (await client.get(page)).status_code == 200
    entries = (await client.get("/sandbox/journal")).json()
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
    assert len({entry["code"] for entry in entries}) > 5
    assert len(list(sandbox.journal.replay())) == len(entries)
