"""Which posted events become facts, and at which place the others fail."""

from typing import Any

import pytest

from services.ingest.domain.admission import Gate, Refused, admit, posted
from shared.kernel.trading_day import china
from tests.kit.ingest import BROKER, raw, reversed_, ticked, withdrew
from tests.kit.ingest import posted as event

GATE = Gate(BROKER, china(), ticks=True)


def refusal(given: object, gate: Gate = GATE) -> Refused:
    with pytest.raises(Refused) as caught:
        admit(raw(given), gate)
    return caught.value


def test_a_withdrawal_is_admitted_as_it_was_told() -> None:
    admitted = admit(raw(withdrew("5000000.125")), GATE)
    assert admitted.model_dump(mode="json")["data"]["amount"] == "5000000.125"
    assert (admitted.id, admitted.source, admitted.sequence) == ("withdrawal/s-1", "ctp/risk", None)


def test_a_field_that_is_none_of_the_contracts_is_not_looked_at() -> None:
    assert admit(raw(withdrew("1", notes={"seen": [1, 2.5]})), GATE) == admit(
        raw(withdrew("1")), GATE
    )


@pytest.mark.parametrize("told", ["42", 42, "0042", f"{42:020d}"])
def test_a_source_may_count_its_records(told: object) -> None:
    assert admit(raw({**withdrew("1"), "sequence": told}), GATE).sequence == f"{42:020d}"


def test_a_source_that_does_not_count_says_nothing() -> None:
    assert admit(raw({**withdrew("1"), "sequence": None}), GATE).sequence is None


@pytest.mark.parametrize("told", ["", "x", "-1", "1.0", "9" * 19, True, [1]])
def test_what_is_no_number_is_refused(told: object) -> None:
    with pytest.raises(Refused, match="sequence: not a number"):
        admit(raw({**withdrew("1"), "sequence": told}), GATE)


def test_unknown_optional_fields_do_not_matter() -> None:
    assert admit(raw(withdrew("1", colour="red")), GATE).encode().find(b"red") == -1


def test_a_whole_number_is_exact() -> None:
    assert b'"amount":"5000000"' in admit(raw(withdrew(5_000_000)), GATE).encode()


@pytest.mark.parametrize(
    ("given", "place", "kind"),
    [
        (withdrew(0.1), "data.amount", "float"),
        (withdrew(float("nan")), "data.amount", "float"),
        (withdrew(2.5, notes={"seen": [1, 2.5]}), "data.amount", "float"),
        (withdrew("NaN"), "data.amount", "schema"),
        (withdrew("-1"), "data.amount", "schema"),
        (withdrew("0"), "data.amount", "schema"),
        (withdrew("1.0001"), "data.amount", "schema"),
        (withdrew("1e300"), "data.amount", "schema"),
        (withdrew("1", happened_at="2026-06-01T10:00:00"), "data.happened_at", "schema"),
        (withdrew("1", serial=""), "data.serial", "schema"),
        (withdrew("1", serial="a\x00b", id="e"), "data.serial", "schema"),
        (withdrew("1", id="a\nb"), "id", "schema"),
        (withdrew("1", id=""), "id", "schema"),
        (withdrew("1", account="8000 0001"), "data.account", "schema"),
        (withdrew("1", trading_day="2026-05-30"), "data.trading_day", "trading-day"),
        (withdrew("1", trading_day="2019-06-03"), "data.trading_day", "trading-day"),
        (withdrew("1", trading_day="2026-02-30"), "data.trading_day", "schema"),
        (withdrew("1", trading_day=1780272000), "data.trading_day", "schema"),
        (withdrew("1", subject="demo:80000002"), "subject", "subject"),
        (withdrew("1", broker="other"), "data.broker", "broker"),
        (withdrew("1", feed="guanchao/fundchg"), "source", "source"),
        ({**withdrew("1"), "type": "funds.vanished"}, "type", "type"),
        ({**withdrew("1"), "time": "yesterday"}, "time", "schema"),
        ({k: v for k, v in withdrew("1").items() if k != "type"}, "type", "type"),
        ({k: v for k, v in withdrew("1").items() if k != "data"}, "data", "schema"),
        (reversed_("1", "s-1", direction="sideways"), "data.direction", "schema"),
        (event("order.force-closed", lots=5.0), "data.lots", "float"),
        (event("day.closed", subject="clock"), "type", "type"),
        (["an event"], "event", "schema"),
        (withdrew("1", serial="s" * 300_000), "event", "too-large"),
    ],
)
def test_what_is_no_fact_is_refused_at_its_place(given: Any, place: str, kind: str) -> None:
    refused = refusal(given)
    assert (refused.place, refused.kind) == (place, kind)


def test_a_reason_never_quotes_more_than_an_amount() -> None:
    assert refusal(withdrew("12,000")).reason == "not an amount: 12,000"


def test_a_minute_is_admitted_only_where_the_clock_is_posted() -> None:
    assert admit(raw(ticked()), GATE).subject == "clock"
    assert refusal(ticked(), Gate(BROKER, china(), ticks=False)).place == "type"
    heard = {"stream": "2026-06-01T09:59:58+08:00"}
    told = ticked()
    event = admit(raw({**told, "data": {**told["data"], "heard": heard}}), GATE)
    assert event.model_dump(mode="json")["data"]["heard"] == heard


def test_a_minute_belongs_to_its_own_trading_day() -> None:
    night = ticked("2026-06-01T21:00:00+08:00", day="2026-06-01")
    assert refusal(night).place == "data.trading_day"
    assert admit(raw(ticked("2026-06-01T21:00:00+08:00", day="2026-06-02")), GATE)


def test_the_id_of_a_refused_event_is_told_when_it_has_one() -> None:
    assert posted(raw(withdrew("x")), "id") == "withdrawal/s-1"
    assert posted(b"[1]", "id") is None
    assert posted(b"{", "id") is None
    assert posted(b'{"id": 5}', "id") is None


def test_bytes_that_are_no_json_are_refused_as_a_whole() -> None:
    with pytest.raises(Refused) as caught:
        admit(b'{"id": "\\ud800"}', GATE)
    assert caught.value.place == "event"
