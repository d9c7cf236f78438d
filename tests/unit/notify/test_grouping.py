"""同一客户: who waits for whom, and who never does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notify.domain.decide import decide
from services.notify.domain.decision import Send
from services.notify.domain.digest import Item, summarise
from services.notify.domain.grouping import Grouping
from services.notify.domain.muting import Before, Muting
from services.notify.domain.wecom_forms import FORMS
from services.notify.policy import read_policy
from shared.contracts.alerts import Urgency
from tests.kit.alerts import MANAGER, MOMENT, POLICY, alert, history, raised
from tests.unit.notify.test_digest import SIGNER

SECOND = timedelta(seconds=1)
GROUPING = Grouping(window_seconds=30, urgencies=frozenset({Urgency.MIDDLE, Urgency.LOW}))
TOGETHER = POLICY.model_copy(update={"grouping": GROUPING})


def told(seconds_ago: float, urgency: Urgency = Urgency.MIDDLE) -> Before:
    at = MOMENT - seconds_ago * SECOND
    return Before("margin_usage", urgency, at.date(), at)


def until(kind: str = "raised", *before: Before, **given: Any) -> datetime | None:
    event = alert(kind, 1, **({"urgency": "middle"} | given))
    (first, *_) = decide(event, TOGETHER, history(muting=Muting(before=before)), MOMENT)
    assert isinstance(first, Send)
    return first.until


def test_the_first_one_goes_at_once() -> None:
    assert until() is None


def test_what_follows_waits_for_the_rest_of_the_window() -> None:
    assert until("raised", told(10)) == MOMENT + 20 * SECOND
    assert until("updated", told(10)) == MOMENT + 20 * SECOND
    assert until("raised", told(25), told(10), told(20)) == MOMENT + 20 * SECOND


@pytest.mark.parametrize("seconds", [30, 31, 3600, -5])
def test_after_the_window_nothing_waits_nor_with_a_clock_that_was_set_back(seconds: int) -> None:
    assert until("raised", told(seconds)) is None


@pytest.mark.parametrize(
    "given",
    [{"urgency": "high"}, {"rule": "forced_liquidation"}],
    ids=["urgent", "told alone"],
)
def test_the_urgent_and_forced_liquidations_never_wait(given: dict[str, Any]) -> None:
    assert until("raised", told(1), **given) is None


def test_a_withdrawal_never_waits() -> None:
    assert until("withdrawn", told(1)) is None


def test_without_the_line_in_the_policy_nothing_waits() -> None:
    past = history(muting=Muting(before=(told(1),)))
    (first, *_) = decide(raised(urgency="middle"), POLICY, past, MOMENT)
    assert isinstance(first, Send)
    assert first.until is None


def test_no_policy_lets_the_urgent_wait() -> None:
    with pytest.raises(ValidationError, match="never waits"):
        Grouping(window_seconds=1, urgencies=frozenset({Urgency.HIGH}))
    shipped = read_policy().grouping
    assert shipped is not None
    assert "forced_liquidation" in shipped.alone
    assert Urgency.HIGH not in shipped.urgencies


@given(
    st.sampled_from(list(Urgency)),
    st.lists(st.tuples(st.floats(-60, 60), st.sampled_from(list(Urgency))), max_size=5),
)
def test_whoever_waits_waits_no_longer_than_the_window(
    urgency: Urgency, past: list[tuple[float, Urgency]]
) -> None:
    end = GROUPING.until(raised(urgency=urgency), [told(*one) for one in past], MOMENT)
    assert end is None or MOMENT < end <= MOMENT + 30 * SECOND
    assert end is None or urgency is not Urgency.HIGH


ITEMS = [
    Item(UUID(int=1), raised(), "张**"),
    Item(UUID(int=2), raised(message_type="保证金占用", summary="保证金占用达权益的81%"), "张**"),
]


def test_one_clients_message_names_the_client_and_says_each_of_them() -> None:
    which = UUID(int=9)
    said = summarise(which, ITEMS, MANAGER, SIGNER.digest(str(which), "m001"))
    assert (said.title, said.client, said.account) == ("2条提醒", "张**", "***345")
    assert said.summary == (
        "大额出金：今日累计出金500万元，达到警戒线500万元；保证金占用：保证金占用达权益的81%"
    )
    card: Any = FORMS["buttons"](said)
    assert card["template_card"]["task_id"] == str(which)
    assert card["template_card"]["button_list"][0]["key"] == "contacted"


def test_one_of_several_clients_has_no_buttons() -> None:
    other = Item(UUID(int=3), raised(account="80099999"), None)
    which = UUID(int=9)
    said = summarise(which, [*ITEMS, other], MANAGER, SIGNER.digest(str(which), "m001"))
    card: Any = FORMS["buttons"](said)
    assert card["template_card"]["card_type"] == "text_notice"
