"""The judge: nothing missing, nothing besides, nothing twice, nothing out of order."""

from dataclasses import replace
from typing import Any

import pytest

from deploy.synthetic.golden import Golden
from deploy.synthetic.verdict import judge, latencies, percentile

RAISED = Golden(
    episode="limit-reached",
    account="***017",
    channel="wecom",
    to="gc-m002",
    title="大额出金",
    says=("王** · 账户***017", "今日累计出金500万元，达到警戒线500万元", "5,000,000.00元"),
    hides=("80581017", "王小明"),
    revision=1,
    order=0,
    trigger="synthetic/stream|funds-1",
)
UPDATED = replace(RAISED, title="大额出金（更新）", revision=2, order=1, trigger=None)


def entry(of: Golden, n: int = 1, **changed: Any) -> dict[str, Any]:
    text = "\n".join((*of.says, f"编号：7BB8F537-{of.revision}"))
    arrived = {
        "n": n,
        "wall": 100.5,
        "channel": of.channel,
        "to": of.to,
        "title": of.title,
        "text": text,
        "outcome": "delivered",
    }
    return {**arrived, **changed}


def test_exactly_the_golden_messages_pass() -> None:
    verdict = judge([RAISED, UPDATED], [entry(RAISED, 1), entry(UPDATED, 2)])
    assert verdict.passed
    assert (verdict.golden, verdict.delivered) == (2, 2)
    assert verdict.differences() == []


def test_nothing_asked_for_and_nothing_arrived_is_no_pass() -> None:
    assert not judge([], []).passed


@pytest.mark.parametrize("outcome", ["duplicate", "dropped", "rejected", "faulted"])
def test_only_what_was_delivered_has_arrived(outcome: str) -> None:
    verdict = judge([RAISED], [entry(RAISED, outcome=outcome)])
    assert verdict.missing == (RAISED,)
    assert not verdict.unexpected
    assert judge([RAISED], [entry(RAISED, 1), entry(RAISED, 2, outcome=outcome)]).passed


def test_a_message_told_again_is_unexpected() -> None:
    verdict = judge([RAISED], [entry(RAISED, 1), entry(RAISED, 2)])
    assert not verdict.missing
    assert [found.why for found in verdict.unexpected] == ["told again"]


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "gc-m003"},
        {"channel": "sms"},
        {"title": "大额出金（撤回）"},
        {"text": "王** · 账户***017 今日累计出金500万元，达到警戒线500万元 编号：7BB8F537-1"},
        {"text": "没有编号"},
    ],
)
def test_a_message_that_differs_is_missing_and_unexpected(changed: dict[str, Any]) -> None:
    verdict = judge([RAISED], [entry(RAISED, **changed)])
    assert verdict.missing == (RAISED,)
    assert len(verdict.unexpected) == 1
    assert len(verdict.differences()) == 2


@pytest.mark.parametrize("mark", ["（撤回）", "（更正）"])
def test_a_recall_needs_its_ground_that_the_same_person_was_told_of(mark: str) -> None:
    withdrawn = replace(RAISED, title=f"大额出金{mark}", revision=2, order=1)
    recall = entry(RAISED, 3, channel="wecom-change", title="recall")
    told = [entry(RAISED, 1), entry(withdrawn, 2)]
    verdict = judge([RAISED, withdrawn], [*told, recall])
    assert (verdict.passed, verdict.delivered) == (True, 2)
    again = judge([RAISED, withdrawn], [*told, recall, {**recall, "n": 4}])
    assert [found.arrived.n for found in again.unexpected] == [4]
    assert not judge([RAISED], [entry(RAISED, 1), recall]).passed


def test_another_revision_is_another_message() -> None:
    text = entry(RAISED)["text"].replace("-1", "-2")
    assert judge([RAISED], [entry(RAISED, text=text)]).missing == (RAISED,)


@pytest.mark.parametrize("secret", RAISED.hides)
def test_a_text_that_shows_the_account_or_the_name_is_not_the_message(secret: str) -> None:
    text = f"{entry(RAISED)['text']} {secret}"
    assert judge([RAISED], [entry(RAISED, text=text)]).missing == (RAISED,)


def test_a_message_that_comes_after_its_successor_is_unexpected() -> None:
    verdict = judge([RAISED, UPDATED], [entry(UPDATED, 1), entry(RAISED, 2)])
    assert not verdict.missing
    assert [found.arrived.n for found in verdict.unexpected] == [2]
    assert not verdict.passed


def test_the_order_is_asked_for_within_an_account_only() -> None:
    other = replace(UPDATED, account="***018", says=("账户***018",))
    assert judge([RAISED, other], [entry(other, 1), entry(RAISED, 2)]).passed


def test_the_order_is_asked_for_within_a_kind_only() -> None:
    held = replace(RAISED, title="大额入金")  # of middle urgency: quiet hours hold it back
    later = replace(RAISED, order=1)
    assert judge([held, later], [entry(later, 1), entry(held, 2)]).passed


def test_latency_is_from_posting_to_the_journal_and_only_where_an_event_was_the_cause() -> None:
    verdict = judge([RAISED, UPDATED], [entry(RAISED, 1), entry(UPDATED, 2)])
    assert latencies(verdict, {"synthetic/stream|funds-1": 100.25}) == [0.25]
    assert latencies(verdict, {}) == []


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([3.0], 0.99) == 3
