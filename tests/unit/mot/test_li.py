"""厘 on the hot path are the same money as Decimal 元 at the edges, to the last digit."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.mot.domain.li import Li, decode_hook, read_li
from shared.kernel.money import Money, from_li, to_li

quiet = settings(deadline=None, derandomize=True)
MONEY: TypeAdapter[Decimal] = TypeAdapter(Money)
on_the_wire = st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,3})?", fullmatch=True)
anything_like_it = st.text("0123456789.-+eE_ ,NaInf", max_size=12)


@quiet
@given(on_the_wire)
def test_both_decoders_read_the_same_amount(text: str) -> None:
    assert read_li(text) == to_li(MONEY.validate_python(text)) == Decimal(text) * 1000


@quiet
@given(on_the_wire)
def test_an_amount_survives_the_way_to_the_wire_and_back(text: str) -> None:
    written = MONEY.dump_json(MONEY.validate_python(text)).decode().strip('"')
    assert read_li(written) == read_li(text)
    assert to_li(from_li(read_li(text))) == read_li(text)


@quiet
@given(anything_like_it)
def test_what_the_hot_path_reads_the_edge_reads_alike(text: str) -> None:
    try:
        li = read_li(text)
    except ValueError:
        return
    assert to_li(MONEY.validate_python(text)) == li


NO_AMOUNTS = ["", " ", "-", ".", "5.", ".5", "1.2345", "1e3", "1E3", "1_000", "1,000", "+5", " 5"]
NO_AMOUNTS += ["5\n", "NaN", "nan", "Infinity", "-inf", "0x10", "1" * 16, "--5", "5元"]


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_the_hot_path_reads_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        read_li(text)


@pytest.mark.parametrize("value", [5, 5.0, True, None])
def test_the_hook_refuses_what_is_no_text(value: object) -> None:
    with pytest.raises(ValueError, match="expected Li as a string"):
        decode_hook(Li, value)


def test_the_hook_knows_no_other_type() -> None:
    with pytest.raises(ValueError, match="expected complex as a string"):
        decode_hook(complex, "1")


@pytest.mark.parametrize("text", ["1e3", "1E3", "1_000", "+5", " 5 ", ".5", "5.", "５"])
def test_the_edge_reads_nothing_but_the_wires_form_either(text: str) -> None:
    with pytest.raises(ValidationError):
        MONEY.validate_python(text)


def test_only_ascii_digits_are_digits() -> None:
    with pytest.raises(ValueError, match="not an amount"):
        read_li("５")
