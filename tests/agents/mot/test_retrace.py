"""From the states of each day's close and the log's tail everything is made again, exactly."""

import pytest

from services.mot.commands.replaying import Revision, from_passport, held_against
from services.mot.partition import Partition
from services.mot.replay import origin_of, same_alert
from services.mot.retrace import Past, Refold, Stamps, concerns, retrace
from shared.contracts.alerts import ALERTS, AlertEvent
from shared.contracts.states import STATES
from shared.contracts.topics import STATE
from tests.kit.mot_field import LOW, NUMBER, Field, Record, fetched, rule, season

BATCH = 7


async def played(log: list[Record], field: Field, upto: int | None = None) -> Partition:
    """Watch a log in batches, with a new version in the middle of each day's third."""
    mine, watcher = field.take_over(), field.watcher()
    for number, start in enumerate(range(0, upto or len(log), BATCH)):
        if number % 5 == 2:
            low = {**LOW, "limit": f"{number}00000"}
            field.book.take(rule(2 + number, thresholds=low))
        await watcher.apply(mine, fetched(log[start : start + BATCH][: (upto or len(log)) - start]))
    return mine


def wire(alert: AlertEvent) -> Revision:
    raw = alert.encode()
    return Revision(ALERTS.validate_json(raw), raw, "")


@pytest.mark.parametrize("seed", range(4))
async def test_every_alert_of_a_season_is_derived_again_both_ways(seed: int) -> None:
    log, field = season(seed), Field()
    await played(log, field)
    assert len(field.alerts) > 20
    assert len({alert.data.rule_version for alert in field.alerts}) > 1
    for alert in field.alerts:
        assert from_passport(wire(alert), field.book).same
        origin = origin_of(alert)
        past = field.past(before=origin.offset)
        mine = past.partition(NUMBER, [origin.key])
        own = log[past.offset + 1 : origin.offset + 1]
        records = [r for r in own if concerns(r.key, alert.subject.encode())]
        done = retrace(Refold(field.book, past.rules()), mine, origin.key, records)
        assert done.before == alert.data.passport.before
        assert held_against(wire(alert), same_alert(alert, done.alerts)).same


@pytest.mark.parametrize("upto", [40, 75, 76, 77, 100, 112])
async def test_a_rebuild_is_what_was_lost(upto: int) -> None:
    log, field = season(1), Field()
    await played(log, field, upto)
    past = field.past()
    mine, refold = past.partition(NUMBER), Refold(field.book, past.rules())
    for record in log[past.offset + 1 : upto]:
        refold(mine, record)
    assert mine.accounts == field.stored
    assert (mine.clock, refold.stamps.at(upto)) == (field.done.clock, field.done.rules)
    assert past.told <= field.done.last + 1


async def test_states_of_a_day_that_is_not_complete_do_not_count() -> None:
    log, field = season(2), Field(crash="closed")
    with pytest.raises(ConnectionError):
        await played(log, field)
    kept = {STATES.validate_json(raw).type for raw in field.states}
    assert kept == {"rules.applied", "account.remembered"}
    past = field.past()
    assert (past.offset, past.states) == (-1, {})


async def test_a_day_that_is_said_again_after_a_crash_has_the_same_ids() -> None:
    log, field = season(2), Field(crash="closed")
    with pytest.raises(ConnectionError):
        await played(log, field)
    before = {STATES.validate_json(raw).id: raw for raw in field.states}
    mine, watcher = field.take_over(end=len(log)), field.watcher()
    await watcher.apply(mine, fetched(log[mine.offset + 1 :]))
    after = {STATES.validate_json(raw).id: raw for raw in field.states}
    assert before.items() <= after.items()


async def test_what_is_kept_is_written_as_the_contract_writes_it() -> None:
    log, field = season(2), Field()
    await played(log, field)
    assert {STATES.validate_json(raw).type for raw in field.states} == set(STATE.types)
    assert [STATES.validate_json(raw).encode() for raw in field.states] == field.states


async def test_only_what_changed_is_kept_again() -> None:
    log, field = season(3, accounts=3), Field()
    await played(log, field)
    days = [STATES.validate_json(raw) for raw in field.states]
    counts = [day.data.accounts for day in days if day.type == "day.remembered"]
    assert counts == [3, 3, 3]
    quiet = [record for record in log if record.key is None]  # ticks and closes alone
    mine = field.take_over()
    mine.offset, mine.clock, mine.unsaved = -1, "", set()
    batch = field.watcher().fold(mine, quiet)
    assert [{key for key, _ in day.states} <= set(batch.touched) for day in batch.days] == [
        True
    ] * 3


def test_a_stamp_holds_behind_its_offset() -> None:
    stamps = Stamps({-1: "a", 4: "b"})
    assert [stamps.at(n) for n in (0, 4, 5, 99)] == ["a", "a", "b", "b"]
    assert Stamps({4: "b"}).at(4) == ""


def test_of_several_stamps_at_one_place_the_last_one_holds() -> None:
    past = Past()
    past._rules += [(9, "x"), (9, "y"), (3, "z")]
    assert past.rules().at(10) == "y"
    assert past.rules().at(9) == "z"


def test_a_record_concerns_its_account_and_broadcasts_concern_all() -> None:
    assert concerns(b"demo:1", b"demo:1")
    assert concerns(None, b"demo:1")
    assert concerns(b"clock", b"demo:1")
    assert not concerns(b"demo:2", b"demo:1")
