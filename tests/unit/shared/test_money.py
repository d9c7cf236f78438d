"""元 exact to 厘: what is refused at the edge, and how a manager reads the rest."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.kernel.money import Amount, Money, exact, from_li, full, percent, short, to_li

quiet = settings(deadline=None, derandomize=True)
MONEY: TypeAdapter[Decimal] = TypeAdapter(Money)
AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)
any_li = st.integers(-(10**18) + 1, 10**18 - 1)


@pytest.mark.parametrize("value", [0.1, 5.0, float("nan"), float("inf"), True, False])
def test_a_float_or_a_truth_is_never_an_amount(value: Any) -> None:
    with pytest.raises(ValidationError, match="a float is not an amount"):
        MONEY.validate_python(value)


@pytest.mark.parametrize("raw", [b"0.1", b"5.0", b"1e3", b"NaN", b"true", b"null", b"[]"])
def test_no_float_comes_in_by_json(raw: bytes) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_json(raw)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "",
        "abc",
        "1,000",
        "1e3",
        "1e15",
        "1e-4",
        "1e999999",
        "1" * 16,
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        exact(text)


@pytest.mark.parametrize("text", ["0.0001", "1.2345", "999999999999.9999"])
def test_finer_than_a_li_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"finer than 0\.001"):
        exact(text)


def test_trailing_zeros_are_no_finer_amount() -> None:
    assert str(exact("1.2340000")) == "1.234"
    assert str(exact("5000000.00")) == "5000000.00"


def test_the_largest_amount_has_fifteen_digits() -> None:
    assert to_li(exact("999999999999999.999")) == 10**18 - 1
    assert to_li(exact("-999999999999999.999")) == 1 - 10**18


@pytest.mark.parametrize("text", ["0", "-0.001", "-5"])
def test_a_movement_is_positive(text: str) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        AMOUNT.validate_python(text)


def test_the_smallest_movement_is_one_li() -> None:
    assert AMOUNT.validate_python("0.001") == Decimal("0.001")


@quiet
@given(any_li)
def test_li_and_yuan_are_the_same_money(li: int) -> None:
    assert to_li(from_li(li)) == li


@quiet
@given(any_li)
def test_on_the_wire_it_is_text_without_exponent(li: int) -> None:
    written = MONEY.dump_json(from_li(li)).decode()
    assert written[0] == written[-1] == '"'
    assert "e" not in written.lower()
    assert MONEY.validate_json(written) == from_li(li)


@quiet
@given(any_li)
def test_the_full_form_loses_nothing(li: int) -> None:
    shown = full(from_li(li))
    assert to_li(Decimal(shown.removesuffix("元").replace(",", ""))) == li
    assert len(shown.removesuffix("元").rpartition(".")[2]) in (2, 3)


@quiet
@given(any_li)
def test_the_short_form_never_shows_more_than_there_is(li: int) -> None:
    shown, unit = short(from_li(li)).removesuffix("元"), 1
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if shown.endswith(name):
            shown, unit = shown.removesuffix(name), size
    hidden = abs(from_li(li)) - abs(Decimal(shown) * unit)
    assert 0 <= hidden < 1
    assert hidden == 0 or unit > 1


@pytest.mark.parametrize(
    ("yuan", "said"),
    [
        ("0", "0元"),
        ("0.001", "0.001元"),
        ("9999.999", "9999.999元"),
        ("10000", "1万元"),
        ("12345.678", "1.2345万元"),
        ("4999999.999", "499.9999万元"),
        ("5000000", "500万元"),
        ("99999999.999", "9999.9999万元"),
        ("100000000", "1亿元"),
        ("-123456789.5", "-1.23456789亿元"),
    ],
)
def test_a_manager_reads_wan_and_yi(yuan: str, said: str) -> None:
    assert short(Decimal(yuan)) == said


@pytest.mark.parametrize(
    ("yuan", "said"),
    [("0", "0.00元"), ("-50000.125", "-50,000.125元"), ("1.5", "1.50元"), ("1E+3", "1,000.00元")],
)
def test_the_full_form_has_fen_and_separators(yuan: str, said: str) -> None:
    assert full(Decimal(yuan)) == said


@pytest.mark.parametrize(
    ("basis_points", "said"),
    [
        (0, "0%"),
        (1, "0.01%"),
        (8000, "80%"),
        (8235, "82.35%"),
        (10_000, "100%"),
        (123_450, "1234.5%"),
        (-1, "-0.01%"),
        (-10_000, "-100%"),
    ],
)
def test_a_ratio_is_read_as_percent_to_the_basis_point(basis_points: int, said: str) -> None:
    assert percent(basis_points) == said


@settings(deadline=None, derandomize=True)
@given(st.integers(-(10**9), 10**9))
def test_a_percentage_loses_nothing_and_never_shows_an_exponent(basis_points: int) -> None:
    said = percent(basis_points)
    assert Decimal(said.removesuffix("%")) * 100 == basis_points
    assert "E" not in said.upper()
