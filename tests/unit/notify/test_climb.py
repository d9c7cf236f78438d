"""升级 — an alert on its ladder, and who stands above its owner."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.notify.domain.answer import Answer, Contacted, FalseAlarm, HandedOver, Snoozed
from services.notify.domain.climb import Climb, Escalation
from services.notify.domain.decision import Send, Settled, Suppress
from services.notify.domain.ladder import Ladder, Shift
from services.notify.domain.muting import Silence
from services.notify.domain.policy import Policy
from services.notify.domain.superiors import people_of, rostered
from shared.contracts.alerts import AlertEvent, Urgency
from shared.kernel.trading_day import CHINA, china
from tests.kit.alerts import (
    BROKER,
    DESK,
    MANAGER,
    POLICY,
    confirmed,
    known,
    member,
    raised,
    updated,
)

LADDERS = Escalation(POLICY, china())
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-01T{text}").replace(tzinfo=CHINA)


TOLD = at("11:25")
CLIMB = Climb(1, Urgency.HIGH, "m001", TOLD)
SENT = (Send(MANAGER, "wecom_app", "manager"),)


def test_each_step_is_due_at_its_trading_minute() -> None:
    dues = []
    climb = CLIMB
    while (due := LADDERS.due(climb)) is not None:
        dues.append(due)
        climb = LADDERS.taken(climb, climb.taken)
    assert dues == [at("13:35"), at("13:45"), at("13:55")]
    assert climb.ended == "exhausted"


@pytest.mark.parametrize(
    ("now", "step"),
    [("13:34", None), ("13:35", 0), ("13:44", 0), ("13:45", 1), ("13:55", 2), ("23:00", 2)],
)
def test_after_a_standstill_the_highest_due_step_is_the_one(now: str, step: int | None) -> None:
    assert LADDERS.highest_due(CLIMB, at(now)) == step


def silence(begin: str, until: str) -> Silence:
    return Silence(7, BROKER, at(begin), at(until), "系统切换", "cli:ops")


@pytest.mark.parametrize(
    ("quiet", "due"),
    [
        ([silence("11:27", "13:40")], "13:48"),  # 2 minutes before it, 8 after it
        ([silence("11:00", "11:20")], "13:35"),
        ([silence("12:00", "13:00")], "13:35"),  # lunch: no minute of it counts anyway
        ([silence("11:27", "11:29"), silence("11:28", "13:31")], "13:39"),
        ([silence("13:00", "12:00")], "13:35"),  # ended before it began
    ],
)
def test_while_a_silence_holds_no_minute_counts(quiet: list[Silence], due: str) -> None:
    assert LADDERS.due(CLIMB, quiet) == at(due)
    assert LADDERS.highest_due(CLIMB, at(due) - MINUTE, quiet) is None
    assert LADDERS.highest_due(CLIMB, at(due), quiet) == 0


def test_a_later_said_during_a_silence_carries_what_counted_before_it() -> None:
    quiet = [silence("11:27", "13:40")]
    climb = LADDERS.answered(CLIMB, Snoozed(at("14:00")), at("13:35"), quiet)
    assert (climb.carried, LADDERS.due(climb, quiet)) == (2 * MINUTE, at("14:08"))


@pytest.mark.parametrize("answer", [Contacted(), FalseAlarm()])
def test_an_answer_ends_it(answer: Answer) -> None:
    climb = LADDERS.answered(CLIMB, answer, at("11:28"))
    assert climb.ended == "answered"
    assert LADDERS.due(climb) is None
    assert LADDERS.highest_due(climb, at("23:00")) is None


def test_a_later_keeps_the_minutes_and_postpones_the_rest() -> None:
    climb = LADDERS.answered(CLIMB, Snoozed(at("14:00")), at("11:28"))
    assert (climb.carried, LADDERS.due(climb)) == (3 * MINUTE, at("14:07"))
    again = LADDERS.answered(climb, Snoozed(at("14:30")), at("14:02"))
    assert (again.carried, LADDERS.due(again)) == (5 * MINUTE, at("14:35"))


def test_handed_over_it_begins_anew_with_the_heir() -> None:
    for before in (replace(CLIMB, taken=2), replace(CLIMB, taken=3, ended="exhausted")):
        climb = LADDERS.answered(before, HandedOver("m002"), at("14:00"))
        assert (climb.owner, climb.taken, LADDERS.due(climb)) == ("m002", 0, at("14:10"))


@pytest.mark.parametrize("answer", [Contacted(), Snoozed(at("14:00")), HandedOver("m002")])
def test_what_was_withdrawn_stays_so(answer: Answer) -> None:
    over = replace(CLIMB, ended="withdrawn")
    assert LADDERS.answered(over, answer, at("11:28")) == over


@pytest.mark.parametrize(
    ("event", "decisions", "begins"),
    [
        (raised(), SENT, True),
        (updated(), SENT, True),
        (confirmed(), SENT, False),
        (raised(), (Suppress("rehearsal"),), False),
        (raised(urgency="low"), SENT, False),
    ],
)
def test_what_begins_a_climb(event: AlertEvent, decisions: Any, begins: bool) -> None:
    climb = LADDERS.began([Settled(event, decisions)], TOLD)
    assert (climb is not None) is begins
    if climb is not None:
        assert (climb.owner, climb.since, climb.revision) == ("m001", TOLD, event.data.revision)


MIDDLE = replace(CLIMB, urgency=Urgency.MIDDLE, owner="m002", taken=1)
URGENT = replace(CLIMB, revision=2, since=at("13:40"))


def rules(climbs_again: str) -> Escalation:
    given = {"climbs_again": climbs_again}
    return Escalation(Policy.model_validate(POLICY.model_dump() | given), china())


@pytest.mark.parametrize("ended", [None, "exhausted"])
def test_a_more_urgent_revision_takes_its_own_ladder_past_the_steps_taken(
    ended: str | None,
) -> None:
    before = replace(MIDDLE, ended=ended, carried=9 * MINUTE)
    climb = LADDERS.goes_on(before, URGENT)
    assert climb == Climb(1, Urgency.HIGH, "m002", at("13:40"), taken=1)
    assert LADDERS.due(climb) == at("14:00")  # the branch head's, 20 minutes after the revision


def test_a_more_urgent_ladder_of_which_every_step_was_taken_is_at_its_end() -> None:
    policy = POLICY.model_dump()
    policy["escalation"][Urgency.HIGH] = policy["escalation"][Urgency.MIDDLE]
    climb = Escalation(Policy.model_validate(policy), china()).goes_on(MIDDLE, URGENT)
    assert climb is not None
    assert climb.ended == "exhausted"


@pytest.mark.parametrize("ended", [None, "exhausted"])
@pytest.mark.parametrize("urgency", [Urgency.HIGH, Urgency.MIDDLE])
def test_what_is_no_more_urgent_climbs_as_it_did(ended: str | None, urgency: Urgency) -> None:
    assert LADDERS.goes_on(replace(CLIMB, ended=ended), replace(URGENT, urgency=urgency)) is None


@pytest.mark.parametrize(
    ("rule", "ended", "before", "again"),
    [
        ("updated", "answered", Urgency.HIGH, True),
        ("more_urgent", "answered", Urgency.HIGH, False),
        ("more_urgent", "answered", Urgency.MIDDLE, True),
        ("never", "answered", Urgency.MIDDLE, False),
        ("never", "withdrawn", Urgency.HIGH, True),  # it is raised again: a new matter
    ],
)
def test_what_was_answered_climbs_again_as_the_policy_says(
    rule: str, ended: str, before: Urgency, again: bool
) -> None:
    climb = replace(CLIMB, urgency=before, taken=2, ended=ended)
    assert rules(rule).goes_on(climb, URGENT) == (URGENT if again else None)


def test_switched_off_nothing_climbs() -> None:
    off = Escalation(POLICY, china(), on=False)
    assert off.began([Settled(raised(), SENT)], TOLD) is None
    assert off.highest_due(CLIMB, at("23:00")) is None


LEAD = member("l001", "team-lead", branch_id="b01", leader_id="x001")
HEAD = member("h001", "branch-head", branch_id="b01")
STRANGE_HEAD = member("h002", "branch-head", branch_id="b02")
PEOPLE = known(
    replace(MANAGER, leader_id="l001", branch_id="b01"),
    LEAD,
    HEAD,
    STRANGE_HEAD,
    member("x001"),
    member("gone", successor_id="m001"),
    member("alone"),
)


@pytest.mark.parametrize(
    ("relation", "owner", "people"),
    [
        ("manager", "m001", ["m001"]),
        ("team_lead", "m001", ["l001"]),
        ("branch_head", "m001", ["h001"]),
        ("risk", "m001", ["r001"]),
        ("on_call", "m001", ["h002", "r001"]),
        ("team_lead", "gone", ["l001"]),
        ("team_lead", "alone", []),
        ("branch_head", "alone", []),
        ("team_lead", "nobody", []),
    ],
)
def test_who_stands_above(relation: Any, owner: str, people: list[str]) -> None:
    found = people_of(relation, owner, PEOPLE, {"h002", DESK.staff_id})
    assert [person.staff_id for person in found] == people


def test_where_no_branch_has_a_head_it_is_the_leaders_leader() -> None:
    people = known(replace(MANAGER, leader_id="l001"), LEAD, member("x001"))
    assert [p.staff_id for p in people_of("branch_head", "m001", people, ())] == ["x001"]


def test_the_roster_names_who_is_on_call_now() -> None:
    roster = [
        Shift.model_validate({"days": ["mon"], "begin": "08:30", "end": "17:30", "staff": "r001"}),
        Shift.model_validate({"days": ["mon"], "begin": "17:30", "end": "08:30", "staff": "r002"}),
    ]
    assert rostered(roster, at("09:00")) == {"r001"}
    assert rostered(roster, at("20:00")) == {"r002"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": [{"after": 20, "to": "risk"}, {"after": 20, "to": "team_lead"}]},
        {"steps": [{"after": 0, "to": "risk"}]},
        {"steps": [{"after": 5, "to": "neighbour"}]},
        {"counts": ["lunch"], "steps": []},
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Ladder.model_validate(wrong)


def test_a_ladder_by_duty_needs_duty_hours() -> None:
    with pytest.raises(ValidationError, match="no duty_hours"):
        Policy.model_validate(POLICY.model_dump() | {"duty_hours": None})
