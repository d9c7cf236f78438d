"""A sealed value is found under every key, in every spelling, and never read back."""

import base64

import pytest

from shared.blind_index import BlindIndex, Kind, normal

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
PHONE = "13812345678"
index = BlindIndex({"b1": OLD})


@pytest.mark.parametrize(
    ("kind", "written", "asked"),
    [
        ("phone", PHONE, "+86 138 1234 5678"),
        ("phone", PHONE, "0086-138-1234-5678"),
        ("phone", PHONE, "１３８１２３４５６７８"),
        ("phone", "021-61234567", "(021) 6123 4567"),
        ("id_number", "11010119900101001X", " 11010119900101001x "),
    ],
)
def test_a_value_is_found_in_another_spelling(kind: Kind, written: str, asked: str) -> None:
    assert index.entry(kind, written) in index.look_up(kind, asked)


@pytest.mark.parametrize(("kind", "other"), [("phone", "13812345679"), ("id_number", PHONE)])
def test_another_value_or_kind_is_not_found(kind: Kind, other: str) -> None:
    assert index.entry("phone", PHONE) not in index.look_up(kind, other)


def test_a_country_code_is_taken_off_a_mobile_number_alone() -> None:
    assert normal("phone", "8612345") == "8612345"
    assert normal("phone", "8613812345678") == PHONE


def test_during_a_rotation_both_generations_are_found() -> None:
    rotated = BlindIndex({"b2": NEW, "b1": OLD})
    assert rotated.entry("phone", PHONE).startswith("b2.")
    assert index.entry("phone", PHONE) in rotated.look_up("phone", PHONE)
    assert not rotated.is_current(index.entry("phone", PHONE))
    assert rotated.is_current(rotated.entry("phone", PHONE))


def test_another_key_makes_another_entry_and_none_holds_the_value() -> None:
    other = BlindIndex({"b1": NEW}).entry("phone", PHONE)
    assert other != index.entry("phone", PHONE)
    assert PHONE not in other
    assert len(other) <= 80


@pytest.mark.parametrize("keys", [{}, {"b1": base64.b64encode(b"short").decode()}])
def test_without_a_good_key_nothing_starts(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="index key"):
        BlindIndex(keys)
