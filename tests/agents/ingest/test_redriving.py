"""重投: a letter goes back once, with an audit line; what is still wrong is refused and stays."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.ingest.adapters.wire import sequenced
from services.ingest.domain.redrives import Fate
from services.ingest.domain.rehearsal import Rehearsal
from services.mot.folding import Watching
from services.mot.partition import Partition
from services.mot.rules import read_rules
from shared.contracts.topics import ACCOUNT, ALERT, CUSTOMER, STAFF
from shared.kernel.trading_day import TradingDay, china
from shared.streams.deadletters import Letter
from tests.kit.ingest import DAY, posted, raw, ticked, withdrew
from tests.kit.letters import Desks, buried

EXAMPLES = Path(__file__).parents[3] / "shared" / "contracts" / "examples"
SEQUENCED: dict[str, Any] = {**withdrew("5"), "sequence": "00000000000000000042"}


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    return Desks(tmp_path / "drop")


async def refused(desks: Desks, event: dict[str, Any]) -> Letter:
    """Post an event that is refused; return its letter."""
    receipt = await desks.broker.post(event)
    assert len(receipt.refused) == 1
    return desks.letters()[-1]


async def test_an_event_of_a_day_that_the_calendar_knows_now_is_told(desks: Desks) -> None:
    letter = await refused(desks, withdrew("5", trading_day="2026-06-06"))
    saturday = {*china().days, TradingDay(date(2026, 6, 6))}
    desks.restart(replace(china(), days=tuple(sorted(saturday))))
    fate, detail = await desks.redrive(letter)
    assert (fate, detail) == (Fate.REDRIVEN, "pushed: 1 told, 0 known already")
    assert [e["data"]["amount"] for e in desks.books.now.told()] == ["5"]


async def test_a_second_time_it_says_so_and_tells_nothing(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    edited = raw(withdrew("5"))
    assert (await desks.redrive(letter, edited=edited))[0] is Fate.REDRIVEN
    assert (await desks.redrive(letter, edited=edited))[0] is Fate.ALREADY
    again = await desks.redrive(letter, edited=edited, again=True)
    assert again == (Fate.REDRIVEN, "pushed: 0 told, 1 known already")
    assert len(desks.books.now.told()) == 1
    assert [line.fate for line in desks.lines] == [Fate.REDRIVEN, Fate.REDRIVEN]


async def test_what_is_still_wrong_is_refused_with_its_place_and_a_line(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    before = len(desks.letters())
    fate, detail = await desks.redrive(letter)
    assert fate is Fate.REFUSED
    assert detail == "data.amount: a float is not exact: write it as a string"
    assert not desks.books.now.told()
    assert len(desks.letters()) == before
    (line,) = desks.lines
    assert (line.actor, line.fate, line.place) == ("ops", Fate.REFUSED, str(letter.place))
    assert line.letter == letter.headers["id"]


async def test_a_dry_run_says_what_would_happen_and_leaves_nothing(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    planned = await desks.redrive(letter, edited=raw(withdrew("5")), dry=True)
    assert planned == (Fate.PLANNED, "pushed: 1 told, 0 known already")
    assert (await desks.redrive(letter, dry=True))[0] is Fate.REFUSED
    assert (desks.books.now.told(), desks.lines) == ([], [])


@pytest.mark.parametrize("closed", [True, False])
async def test_a_fact_of_a_closed_day_is_history_that_raises_nothing(
    desks: Desks, closed: bool
) -> None:
    letter = await refused(desks, withdrew(5.0))
    if closed:
        desks.books.now.closed.add(DAY)
    await desks.redrive(letter, edited=raw(withdrew("5")))
    (event,) = desks.books.now.told()
    assert event["data"]["backfill"] is closed


async def test_what_a_rehearsal_told_reaches_no_manager(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    desks.rehearsal = Rehearsal(sources=frozenset({"ctp/risk"}))
    await desks.redrive(letter, edited=raw(withdrew("5")))
    (event,) = desks.books.now.told()
    assert event["data"]["rehearsal"] is True


async def test_a_minute_that_has_passed_is_not_told_again(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    fate, detail = await desks.redrive(letter, edited=raw(ticked()))
    assert (fate, detail.partition(":")[0]) == (Fate.REFUSED, "type")


async def test_a_body_that_was_no_batch_goes_back_as_one(desks: Desks) -> None:
    await desks.broker.posting.bury(b"[{,", "no JSON")
    (letter,) = desks.letters()
    fate, detail = await desks.redrive(letter)
    assert (fate, detail.partition(":")[0]) == (Fate.REFUSED, "still no batch of events")
    events = [withdrew("5", "a"), withdrew("6", "b")]
    fate, detail = await desks.redrive(letter, edited=raw(events))
    assert (fate, detail) == (Fate.REDRIVEN, "pushed: 2 told, 0 known already")


async def test_a_value_that_was_cut_needs_a_whole_one(desks: Desks) -> None:
    letter = await refused(desks, withdrew("5", note="x" * 300_000))
    assert letter.cut
    fate, detail = await desks.redrive(letter)
    assert fate is Fate.REFUSED
    assert "--edit" in detail
    assert (await desks.redrive(letter, edited=raw(withdrew("5"))))[0] is Fate.REDRIVEN


async def test_what_a_consumer_buried_is_told_again_with_a_new_sequence(desks: Desks) -> None:
    await desks.broker.post(withdrew("5"))
    letter = buried(ACCOUNT.name, "demo:80000001", raw(SEQUENCED))
    fate, detail = await desks.redrive(letter)
    assert fate is Fate.REDRIVEN
    assert detail == "account: funds.withdrawn told again with a new sequence"
    first, again = desks.books.now.told()
    assert again == {**first, "data": again["data"]}
    assert "sequence" not in again
    identities = [(i.source, i.id) for i in desks.books.now.facts]
    assert identities[-1] == ("guanchao/redriven", "futures.account.v1/3/7")
    await desks.redrive(letter, again=True)
    assert list(desks.books.now.facts)[-1].id == "futures.account.v1/3/7#2"


async def test_buried_twice_it_goes_back_once(desks: Desks) -> None:
    value = raw(SEQUENCED)
    first, second = (buried(ACCOUNT.name, "demo:80000001", value) for _ in "12")
    assert first.place != second.place
    assert (await desks.redrive(first))[0] is Fate.REDRIVEN
    assert (await desks.redrive(second))[0] is Fate.ALREADY


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"rubbish", "event: still unreadable: json_invalid"),
        (raw(posted("funds.withdrawn")), "funds.withdrawn.data.amount: still unreadable: missing"),
        (raw(ticked()), "type: clock.ticked is not told again: guanchao mot rebuild"),
        (raw({**withdrew("5"), "subject": "demo:8"}), "subject: not data.broker:data.account"),
        (raw(withdrew("5", broker="other")), "subject: not data.broker:data.account"),
    ],
)
async def test_what_no_consumer_could_read_is_refused(
    desks: Desks, value: bytes, says: str
) -> None:
    fate, detail = await desks.redrive(buried(ACCOUNT.name, "demo:80000001", value))
    assert fate is Fate.REFUSED
    assert detail.startswith(says)
    assert not desks.books.now.facts


async def test_of_a_client_the_newest_state_is_told_again(desks: Desks) -> None:
    head = "account,customer_id,customer_name,customer_type,manager_id\n"
    for manager in ("m1", "m2"):
        await desks.broker.drop_text("relations.csv", f"{head}80000001,c1,张三,自然人,{manager}\n")
    old = desks.books.now.told("customer.changed")[0]
    letter = buried(CUSTOMER.name, "c1", raw(old))
    fate, detail = await desks.redrive(letter)
    assert (fate, detail) == (Fate.REDRIVEN, "register: version 2 told again with a new sequence")
    *_, newest, again = desks.books.now.told("customer.changed")
    assert again["data"] == newest["data"]
    assert again["id"] == newest["id"] == "c1/2"


async def test_of_a_person_too_and_an_unknown_one_is_refused(desks: Desks) -> None:
    head = "staff_id,name,role,branch_id,leader_id,wecom_userid,mobile,email,duty_hours\n"
    await desks.broker.drop_text("staff.csv", f"{head}s1,李四,manager,b1,,w1,13800000000,,\n")
    assert (await desks.redrive(buried(STAFF.name, "s1", b"?")))[0] is Fate.REDRIVEN
    first, again = desks.books.now.told("staff.changed")
    assert again["data"] == first["data"]
    fate, detail = await desks.redrive(buried(STAFF.name, "s2", b"?", offset=8))
    assert (fate, detail) == (Fate.REFUSED, "the register of staff does not know it")
    fate, detail = await desks.redrive(buried(STAFF.name, "s1", b"?", offset=9), edited=b"{}")
    assert "drop it" in detail


async def test_an_alert_goes_back_as_the_same_bytes(desks: Desks) -> None:
    value = (EXAMPLES / "alert.raised.json").read_bytes().strip()
    letter = buried(ALERT.name, "demo:80012345", value)
    assert (await desks.redrive(letter, dry=True))[0] is Fate.PLANNED
    assert not desks.sent
    assert (await desks.redrive(letter))[0] is Fate.REDRIVEN
    (record,) = desks.sent
    assert (record.topic, record.partition, record.value) == (ALERT.name, 3, value)
    assert ("redriven-from", str(letter.place).encode()) in record.headers
    rubbish = buried(ALERT.name, "demo:80012345", b"{}", offset=8)
    assert (await desks.redrive(rubbish))[0] is Fate.REFUSED


async def test_a_source_that_must_tell_it_again_itself_is_named(desks: Desks) -> None:
    letter = await refused(desks, withdrew(5.0))
    other = replace(letter, headers={"origin": "ctp/risk", "id": "x", "reason": "r"})
    fate, detail = await desks.redrive(other)
    assert fate is Fate.REFUSED
    assert detail.startswith("ctp/risk: its source must tell it again")


async def test_a_failed_send_leaves_no_line(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(records: object) -> None:
        raise OSError("Kafka is away")

    monkeypatch.setattr(desks, "_send", fails)
    value = json.dumps(json.loads((EXAMPLES / "alert.raised.json").read_bytes())).encode()
    letter = buried(ALERT.name, "demo:80012345", value)
    with pytest.raises(OSError, match="away"):
        await desks.redrive(letter)
    assert not desks.lines


@pytest.mark.parametrize(("closed", "alerts"), [(False, ["alert.raised"]), (True, [])])
async def test_mot_takes_what_is_told_again_and_not_what_was_buried(
    desks: Desks, closed: bool, alerts: list[str]
) -> None:
    """The record as it was is behind its account; told again it is the newest of it."""
    partition, fold = Partition(0, -1, "", accounts={}), Watching(read_rules())
    large, later = withdrew("6000000", "large"), withdrew("1", "later")
    fold(partition, [_record(raw(later), 3)])
    assert fold(partition, [_record(raw(large), 2)]).repeated == 1
    if closed:
        desks.books.now.closed.add(DAY)
    await desks.redrive(buried(ACCOUNT.name, "demo:80000001", raw(large)))
    (fact,) = desks.books.now.facts.values()
    batch = fold(partition, [_record(fact.body, 4)])
    assert (batch.watched, batch.repeated, batch.letters) == (1, 0, [])
    assert [alert.type for alert in batch.alerts] == alerts
    (account,) = partition.accounts.values()
    assert account.sequence == f"{4:020}"


def _record(body: bytes, sequence: int) -> Any:
    """Return what mot reads of a fact once the relay has given it a sequence."""
    value = sequenced(body.replace(b'"data": ', b'"data":'), sequence)
    return SimpleNamespace(key=b"demo:80000001", value=value, offset=sequence, timestamp=0)
