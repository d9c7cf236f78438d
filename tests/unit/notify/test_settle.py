"""告知决定 — several revisions of one alert, decided together and in order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.decide import History, settle
from services.notify.domain.decision import Defer, Send, Settled
from shared.contracts.alerts import AlertEvent, AlertWithdrawn
from tests.kit.alerts import (
    MOMENT,
    NIGHT,
    POLICY,
    STRANGER,
    alert,
    amended,
    confirmed,
    history,
    known,
    member,
    raised,
    updated,
    withdrawn,
)


def fate(settled: Settled) -> str:
    """Return what happens to one revision in a word and its reason."""
    if settled.sends:
        return "told " + ",".join(sorted({s.receiver.staff_id for s in settled.sends}))
    return settled.decisions[0].reason


STANDING = history(standing=True, heard=frozenset({"m001"}))
NEW = history()
SETTLED = alert("confirmed", 2)
NOT_TOLD = ["withdrawn-before-told", "never-told"]


@pytest.mark.parametrize(
    ("pending", "past", "expected"),
    [
        ([raised()], NEW, ["told m001"]),
        ([raised(1), updated(2)], NEW, ["superseded", "told m001"]),
        ([raised(1), updated(2), updated(3)], NEW, ["superseded", "superseded", "told m001"]),
        ([raised(1), confirmed(2)], NEW, ["told m001", "told m001"]),
        ([raised(1), confirmed(2), updated(3)], NEW, ["superseded", "told m001", "told m001"]),
        ([updated(2), amended(3)], STANDING, ["superseded", "told m001"]),
        ([raised(1), amended(2)], NEW, ["superseded", "told m001"]),
        ([amended(2), amended(3)], STANDING, ["superseded", "told m001"]),
        ([amended(2), updated(3)], STANDING, ["superseded", "told m001"]),
        ([confirmed(2), amended(3)], STANDING, ["told m001", "told m001"]),
        ([SETTLED], STANDING, ["confirmed-by-settlement"]),
        ([raised(1), SETTLED], NEW, ["told m001", "confirmed-by-settlement"]),
        ([SETTLED, withdrawn(3)], STANDING, ["confirmed-by-settlement", "told m001"]),
        ([SETTLED, amended(3)], STANDING, ["confirmed-by-settlement", "told m001"]),
        ([amended(2), withdrawn(3)], STANDING, ["withdrawn-before-told", "told m001"]),
        ([raised(1), amended(2), withdrawn(3)], NEW, ["superseded", *NOT_TOLD]),
        ([raised(1), withdrawn(2)], NEW, ["withdrawn-before-told", "never-told"]),
        ([withdrawn(2)], NEW, ["never-told"]),
        ([withdrawn(2)], STANDING, ["told m001"]),
        ([updated(2), withdrawn(3)], STANDING, ["withdrawn-before-told", "told m001"]),
        (
            [raised(1), withdrawn(2), raised(3)],
            NEW,
            ["withdrawn-before-told", "never-told", "told m001"],
        ),
        (
            [withdrawn(2), raised(3), withdrawn(4)],
            STANDING,
            ["withdrawn-before-told", "withdrawn-before-told", "told m001"],
        ),
        ([raised(1, rehearsal=True), withdrawn(2)], NEW, ["rehearsal", "never-told"]),
    ],
)
def test_what_happens_to_each(
    pending: list[AlertEvent], past: History, expected: list[str]
) -> None:
    assert [fate(s) for s in settle(pending, POLICY, past, MOMENT)] == expected


def test_a_later_revision_never_overtakes_one_that_waits() -> None:
    pending = [raised(1, urgency="middle"), confirmed(2, urgency="middle")]
    first, second = settle(pending, POLICY, NEW, NIGHT)
    assert (fate(first), fate(second)) == ("quiet-hours", "behind-earlier-revision")
    assert isinstance(first.deferred, Defer)
    assert second.deferred is not None
    assert first.deferred.until == second.deferred.until


def test_a_confirmation_by_the_settlement_does_not_wait_for_what_waits() -> None:
    first, second = settle([raised(1, urgency="middle"), SETTLED], POLICY, NEW, NIGHT)
    assert (fate(first), fate(second)) == ("quiet-hours", "confirmed-by-settlement")
    assert second.deferred is None


def test_a_withdrawal_of_what_may_not_be_told_yet_leaves_nobody_to_tell() -> None:
    held = raised(1, tell_from=MOMENT.replace(day=2, hour=8, minute=30))
    assert [fate(s) for s in settle([held], POLICY, NEW, MOMENT)] == ["not-before"]
    assert [fate(s) for s in settle([held, withdrawn(2)], POLICY, NEW, MOMENT)] == NOT_TOLD


def test_an_amendment_goes_by_wecom_to_those_who_heard() -> None:
    past = history(known(member("m001"), member("m002")), standing=True, heard=frozenset({"m002"}))
    (one,) = settle([amended(2)], POLICY, past, MOMENT)
    assert [(s.receiver.staff_id, s.channel) for s in one.sends] == [("m002", "wecom_app")]


def test_a_withdrawal_goes_to_those_who_heard_even_within_the_same_settling() -> None:
    risk = history(STRANGER, since=MOMENT.replace(hour=9), standing=True, heard=frozenset({"r001"}))
    pending = [confirmed(2), withdrawn(3)]
    settled = settle(pending, POLICY, risk, MOMENT)
    assert [fate(s) for s in settled] == ["withdrawn-before-told", "told r001"]


KINDS = st.lists(st.sampled_from(["raised", "updated", "confirmed", "amended", "withdrawn"]))
RULES = st.sampled_from(["forced_liquidation", "margin_call"])


@given(kinds=KINDS, rule=RULES, standing=st.booleans(), reachable=st.booleans())
def test_what_a_person_hears_makes_sense(
    kinds: list[str], rule: str, standing: bool, reachable: bool
) -> None:
    """A withdrawal is heard only after something it withdraws; nothing is decided out of order."""
    nobody = member("m001", wecom_userid=None, mobile=None)
    people = known() if reachable else known(nobody, desk=())
    heard = frozenset({"m001"}) if standing else frozenset[str]()
    past = history(people, standing=standing, heard=heard)
    pending = [alert(kind, n, rule=rule) for n, kind in enumerate(kinds, start=1)]
    settled = settle(pending, POLICY, past, MOMENT)

    assert [s.event for s in settled] == pending
    holds = standing
    for one in settled:
        if any(isinstance(d, Send) for d in one.decisions):
            is_withdrawal = isinstance(one.event, AlertWithdrawn)
            assert holds or not is_withdrawal
            holds = not is_withdrawal
    waits = [one.deferred is not None for one in settled]
    told = [bool(one.sends) for one in settled]
    assert not any(w and any(told[n:]) for n, w in enumerate(waits))
    if pending and isinstance(pending[-1], AlertWithdrawn) and not standing:
        assert not told[-1]
    if reachable:
        _the_last_word_is_told(settled, rule, standing)


def _the_last_word_is_told(settled: tuple[Settled, ...], rule: str, standing: bool) -> None:
    """Whatever was left out, the newest state of things reaches people, and only once."""
    silent = {"alert.confirmed"} if rule == "margin_call" else set[str]()
    spoken = [one for one in settled if one.event.type not in silent]
    assert not any(one.sends for one in settled if one.event.type in silent)
    if not spoken:
        return
    holds = standing
    for one in spoken[:-1]:
        holds = not isinstance(one.event, AlertWithdrawn) if one.sends else holds
    withdrawal = isinstance(spoken[-1].event, AlertWithdrawn)
    assert bool(spoken[-1].sends) == (holds or not withdrawal)
    figures = {"alert.updated", "alert.amended"}
    told = [one.event.type for one in spoken if one.sends]
    pairs = pairwise(told)
    assert not any(
        later in figures and earlier in figures | {"alert.raised"} for earlier, later in pairs
    )
