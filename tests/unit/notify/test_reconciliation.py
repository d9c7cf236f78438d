"""The equations: what each kind of disagreement between topic and ledger is called."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.commands.reconciling import as_data, lines
from services.notify.domain.reconciliation import (
    OF_STATE,
    Entry,
    Raised,
    Reckoning,
    Way,
    Written,
    standing_of,
)
from services.notify.domain.retry import End
from shared.streams.log_reader import Span

ALERT = UUID(int=1)
WECOM, SMS = Way(1, "wecom_app", "m001"), Way(1, "aliyun_sms", "m001")
OF = [Span("mot.alert.v1", 0, 0, 1)]


def intent(state: str, way: Way = WECOM, **given: Any) -> Written:
    usual: dict[str, Any] = {"stands": state, "taken": int(state == "sent")}
    return Written(uuid4(), way, state, **(usual | given))


def entry(*intents: Written, **given: Any) -> Entry:
    ways = frozenset(one.way for one in intents)
    usual: dict[str, Any] = {"read": True, "state": "told", "ignored": False, "decided": ways}
    return Entry(intents=intents, **(usual | given))


@pytest.mark.parametrize(
    ("held", "standing"),
    [
        (entry(intent("sent"), intent("rejected", SMS)), "told"),
        (entry(intent("sent"), intent("pending", SMS)), "told"),
        (entry(intent("rejected"), intent("retry", SMS)), "open"),
        (entry(intent("merged", stands="sent")), "merged"),
        (entry(intent("merged", stands="sending")), "open"),
        (entry(intent("merged", stands="rejected"), intent("sent", SMS)), "told"),
        (entry(intent("ambiguous"), state="undeliverable"), "undeliverable"),
        (entry(state="waiting"), "open"),
        (entry(state="suppressed"), "suppressed"),
        (entry(state=None, ignored=True), "suppressed"),
        (entry(intent("rejected")), None),
        (entry(intent("ambiguous"), intent("rejected", SMS)), None),
        (entry(intent("merged", stands="ambiguous")), None),
        (entry(state=None), None),
        # what only changes a message that was sent tells nobody
        (entry(intent("sent", Way(0, "wecom_app", "m001")), state="suppressed"), "suppressed"),
        (entry(intent("sent", Way(-1, "wecom_app", "m001")), intent("pending")), "open"),
    ],
)
def test_where_a_revision_stands(held: Entry, standing: str | None) -> None:
    assert standing_of(held) == standing


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (entry(read=False, state=None), "unread"),
        (entry(intent("rejected")), "unaccounted"),
        (entry(intent("sent"), decided=frozenset({WECOM, SMS})), "decided-not-written"),
        (entry(intent("sent"), intent("sent", SMS), decided=frozenset({SMS})), "written-undecided"),
        (entry(intent("sent", taken=0)), "sent-without-attempt"),
        (entry(intent("sent", taken=2)), "taken-twice"),
    ],
)
def test_what_does_not_balance_is_named_with_its_alert(held: Entry, reason: str) -> None:
    sums = Reckoning()
    sums.count(Raised(ALERT, 1, "e"), held)
    assert not sums.balances
    assert sums.wrong[reason] == {ALERT}
    assert as_data(sums, OF)["alert_ids"] == [str(ALERT)]
    shown = list(lines(sums, OF))
    assert f"    {ALERT}" in shown
    assert shown[-1].startswith("✗")


def test_every_state_of_an_intent_has_its_place() -> None:
    assert {end.value for end in End} <= OF_STATE.keys()
    sums = Reckoning()
    for number, state in enumerate(OF_STATE):
        held = entry(intent(state, stands="sent"), intent("sent", SMS))
        sums.count(Raised(UUID(int=number), 1, state), held)
    assert sums.balances
    assert (sums.raised, sums.written) == (len(OF_STATE), 2 * len(OF_STATE))


def test_the_same_revision_under_two_ids_is_raised_twice_and_written_once() -> None:
    sums, held = Reckoning(), entry(intent("sent"))
    for event_id in ("a", "b"):
        sums.count(Raised(ALERT, 1, event_id), replace(held))
    assert sums.balances
    assert (sums.raised, sums.written) == (2, 1)


def test_a_record_that_nobody_buried_unbalances() -> None:
    assert not Reckoning(unburied=["mot.alert.v1/0/7"]).balances
    assert any(
        "mot.alert.v1/0/7" in line for line in lines(Reckoning(unburied=["mot.alert.v1/0/7"]), OF)
    )
