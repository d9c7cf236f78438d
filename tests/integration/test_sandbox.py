"""The gateway as a process: killed, stopped, broken on purpose; no answer is ever untrue."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import httpx
import pytest

from tests.kit.gateway import CORP, ROOT, GatewayProcess, Sender, card, gateway, signed, sms_form

pytestmark = pytest.mark.integration

Running = tuple[GatewayProcess, Sender]
DAY = "2026-06-01T09:00:00+08:00"


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway for all tests that leave it alive."""
    with gateway(tmp_path_factory.mktemp("sandbox"), "--clock", "posted") as made:
        made[1].gettoken()
        yield made


@pytest.fixture
def sender(common: Running) -> Iterator[Sender]:
    """The common gateway's sender; the gateway is healthy afterwards."""
    yield common[1]
    common[1].http.delete("/sandbox/faults").raise_for_status()


@pytest.fixture
def since(sender: Sender) -> Callable[[], list[str]]:
    """How the entries ended that were written since the test began."""
    before = len(sender.journal())
    return lambda: sender.outcomes(before)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A gateway for one test alone."""
    with gateway(tmp_path / "sandbox", "--clock", "posted") as made:
        made[1].gettoken()
        yield made


def test_a_message_goes_from_the_sender_to_the_page(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    assert sender.send(card("m100"))["errcode"] == 0
    assert sender.sms().json()["Code"] == "OK"
    assert since() == ["delivered", "delivered"]
    page = sender.http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "520万" in page.text
    assert "138****5678" in page.text
    assert "13812345678" not in page.text


def test_twenty_at_once_of_the_same_are_one_message(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(sender.send, [card("m101")] * 20))
    assert {answer["errcode"] for answer in answers} == {0}
    assert sorted(since()) == ["delivered"] + ["duplicate"] * 19


def test_accepted_then_closed_is_delivered_once_however_often_it_is_tried(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    sender.script({"fault": "accept-then-close", "times": 2})
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            sender.send(card("m102"))
    assert sender.send(card("m102"))["errcode"] == 0
    assert since() == ["delivered", "duplicate", "duplicate"]


def test_closed_before_it_was_accepted_is_not_delivered(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    sender.script({"fault": "close"})
    with pytest.raises(httpx.TransportError):
        sender.send(card("m103"))
    assert sender.send(card("m103"))["errcode"] == 0
    assert since() == ["faulted", "delivered"]


def test_an_sms_accepted_and_not_answered_is_told_twice_when_it_is_sent_again(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    sender.script({"fault": "accept-then-close", "match": {"channel": "sms"}})
    with pytest.raises(httpx.TransportError):
        sender.sms()
    assert sender.sms().json()["Code"] == "OK"
    assert since() == ["delivered", "delivered"]


def test_an_answer_that_comes_too_late_was_accepted_all_the_same(
    common: Running, sender: Sender, since: Callable[[], list[str]]
) -> None:
    sender.script({"fault": "accept-then-wait", "value": 600})
    with httpx.Client(base_url=common[0].url, timeout=0.5) as hasty:
        impatient = Sender(hasty)
        impatient.token = sender.token
        with pytest.raises(httpx.ReadTimeout):
            impatient.send(card("m104"))
    assert since() == ["delivered"]


def test_a_body_cut_in_the_middle_is_no_json(
    sender: Sender, since: Callable[[], list[str]]
) -> None:
    sender.script({"fault": "accept-then-garbage"})
    with pytest.raises(ValueError, match="Unterminated"):
        sender.post(card("m105")).json()
    assert since() == ["delivered"]


@pytest.mark.parametrize("same", ["folder", "port"])
def test_a_second_one_says_in_one_line_what_is_taken(
    common: Running, tmp_path: Path, same: str
) -> None:
    process, _ = common
    folder = process.folder if same == "folder" else tmp_path / "other"
    port = process.port if same == "port" else GatewayProcess(tmp_path).port
    command = [sys.executable, "-m", "deploy.sandbox", "--port", str(port), "--folder", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    lines = ended.stderr.decode().splitlines()
    assert len(lines) == 1
    assert ("in use by another gateway" if same == "folder" else "choose another") in lines[0]


def test_what_was_answered_survives_a_kill_at_any_moment(own: Running) -> None:
    process, sender = own
    answered: list[str] = []
    for _ in range(2):
        _pour_until_killed(process, sender.token, answered)
        process.start()
    entries = sender.journal()
    rows = [entry["request"]["template_card"]["horizontal_content_list"] for entry in entries]
    assert len(answered) >= 80
    assert set(answered) <= {row[-1]["value"] for row in rows}
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))


def _pour_until_killed(process: GatewayProcess, token: str, answered: list[str]) -> None:
    goal = len(answered) + 40

    def pour(lane: int) -> None:
        with httpx.Client(base_url=process.url, timeout=30) as client:
            mine = Sender(client)
            mine.token = token
            try:
                for number in range(goal, goal + 10_000):
                    code = f"{lane}-{number}"
                    if mine.send(card(f"m{lane}{number}", code))["errcode"] == 0:
                        answered.append(code)
            except httpx.TransportError:
                return

    lanes = [Thread(target=pour, args=(lane,)) for lane in range(4)]
    for lane in lanes:
        lane.start()
    while len(answered) < goal and any(lane.is_alive() for lane in lanes):
        lanes[0].join(0.01)
    process.kill()
    for lane in lanes:
        lane.join()


def test_the_memory_of_the_platforms_survives_a_kill_and_a_line_cut_in_half(own: Running) -> None:
    process, sender = own
    sender.clock(DAY)
    token = sender.gettoken()["access_token"]
    for number in range(30):
        sender.send(card(code=str(number)))
    body = urlencode(sms_form()).encode()
    headers = signed(body)
    assert sender.http.post("/", content=body, headers=headers).json()["Code"] == "OK"
    process.kill()
    with (process.folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"n":32,"at":"2026-06-0')
    process.start()
    assert sender.http.get("/sandbox/clock").json() == {"now": DAY}
    assert sender.gettoken()["access_token"] == token
    assert len(sender.journal()) == 31
    sender.send(card(code="29"))
    sender.send(card(code="30"))
    replayed = sender.http.post("/", content=body, headers=headers).json()
    assert replayed["Code"] == "SignatureNonceUsed"
    assert sender.outcomes(31) == ["duplicate", "dropped", "rejected"]
    assert sender.journal(31)[0]["n"] == 32


def test_it_stops_in_order_while_somebody_waits_and_its_log_names_nobody(own: Running) -> None:
    process, sender = own
    sender.send(card("nobody1", "SECRETCODE"))
    sender.sms()
    sender.sms(TemplateParam="{")
    sender.http.post("/", content=b"PhoneNumbers=13812345678")
    sender.http.post("/sandbox/faults", json=[{"fault": "x", "match": {"to": "13812345678"}}])
    sender.script({"fault": "latency", "value": 600})
    waiting = Thread(target=_send_in_vain, args=(sender,))
    waiting.start()
    while sender.http.get("/sandbox/faults").json():
        waiting.join(0.01)
    assert process.stop() == 0
    waiting.join()
    said = process.output()
    assert '"event": "serving"' in said
    for personal in ("13812345678", "nobody1", "王海涛", sender.token, CORP["corpsecret"]):
        assert personal not in said


def _send_in_vain(sender: Sender) -> None:
    try:
        sender.send(card())
    except httpx.TransportError:
        return


def test_a_full_disk_ends_it_with_a_line_and_nothing_unwritten_is_answered(own: Running) -> None:
    process, sender = own
    assert process.process is not None
    sender.send(card(code="1"))
    size = (process.folder / "journal.jsonl").stat().st_size
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (size + 100, size + 100))
    assert sender.post(card(code="2")).status_code == 503
    assert process.process.wait(30) == 1
    assert "File too large" in process.output()


def test_members_and_limits_are_options_and_an_interrupt_is_an_orderly_end(tmp_path: Path) -> None:
    listed = tmp_path / "members"
    listed.write_text("m001\nM002\n", encoding="utf-8")
    options = ("--members", str(listed), "--limits", "lifted")
    with gateway(tmp_path / "sandbox", *options) as (process, sender):
        assert sender.send(card("m001|m002|m003"))["invaliduser"] == "m003"
        for number in range(40):
            sender.send(card(code=str(number)))
        assert set(sender.outcomes(3)) == {"delivered"}
        assert process.process is not None
        os.kill(process.process.pid, signal.SIGINT)
        assert process.process.wait(30) == 0
