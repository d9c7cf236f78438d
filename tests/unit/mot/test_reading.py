"""A record of the account topic becomes an event, or says why it is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.mot.domain.events import ClockTicked, FundsWithdrawn
from services.mot.domain.reading import LARGEST, Unreadable, read
from tools.contracts import EXAMPLES

KEY = b"demo:80012345"
GOLDEN = json.loads((EXAMPLES / "funds.withdrawn.json").read_bytes())


def message(body: dict[str, Any] | None = None, **given: Any) -> bytes:
    """Return the golden withdrawal with some attributes, or fields of its body, replaced."""
    return json.dumps({**GOLDEN, **given, "data": {**GOLDEN["data"], **(body or {})}}).encode()


def test_a_golden_record_is_read() -> None:
    event = read(KEY, message())
    assert isinstance(event, FundsWithdrawn)
    assert event.data.amount == 5_000_000_000


def test_a_tick_has_no_account() -> None:
    assert isinstance(
        read(b"clock", Path(EXAMPLES / "clock.ticked.json").read_bytes()), ClockTicked
    )


@pytest.mark.parametrize("account", ["张三", "8001 2345", "80012345\n", "8" * 33, ""])
def test_who_is_no_code_of_the_contract_is_refused(account: str) -> None:
    key = f"demo:{account}"
    with pytest.raises(Unreadable, match="no code of the contract"):
        read(key.encode(), message({"account": account}, subject=key))


def test_a_type_that_a_newer_producer_has_added_is_passed_over() -> None:
    assert read(KEY, message(type="trade.executed")) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "no value"),
        (b"", "truncated"),
        (b"\xff", "JSON is malformed"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field"),
        (message(type=7), "Expected `str`"),
        (message({"amount": "NaN"}), r"\$\.data\.amount"),
        (message({"trading_day": "2026-06-31"}), r"\$\.data\.trading_day"),
        (message({"happened_at": "yesterday"}), r"\$\.data\.happened_at"),
        (message({"account": "80099999"}), "key, subject and account disagree"),
        (message(subject="demo:80099999"), "key, subject and account disagree"),
        (message(sequence="7"), "sequence is not of 20 digits"),
        (b" " * (LARGEST + 1), f"{LARGEST + 1} bytes, more than {LARGEST}"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(value: bytes | None, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(KEY, value)


@pytest.mark.parametrize("key", [None, b"", b"demo:1", b"\xff"])
def test_a_record_under_another_key_is_refused(key: bytes | None) -> None:
    with pytest.raises(Unreadable, match="key, subject and account disagree"):
        read(key, message())


def test_a_refusal_does_not_quote_the_value() -> None:
    with pytest.raises(Unreadable) as refused:
        read(KEY, message({"amount": "13812345678x"}))
    assert "13812345678" not in str(refused.value)


@pytest.mark.parametrize("amount", [5000000.5, 5000000, True, None, [], {}])
def test_an_amount_that_is_no_text_is_refused(amount: Any) -> None:
    with pytest.raises(Unreadable, match="expected Li as a string"):
        read(KEY, message({"amount": amount}))


def test_an_amount_that_is_no_text_is_refused_with_its_place() -> None:
    with pytest.raises(Unreadable, match=r"\$\.data\.amount"):
        read(KEY, message({"amount": 5000000.5}))
