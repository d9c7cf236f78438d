"""Sealed fields: opened by any of our keys, for the one context they were sealed for."""

import base64

import pytest

from shared.crypto import CannotOpen, FieldCipher

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
PHONE = "13812345678"
cipher = FieldCipher({"k1": OLD})


def test_what_is_sealed_can_be_opened_for_its_context() -> None:
    sealed = cipher.seal(PHONE, "staff.mobile")
    assert PHONE not in sealed
    assert cipher.open(sealed, "staff.mobile") == PHONE


def test_the_same_value_is_never_sealed_alike() -> None:
    assert cipher.seal(PHONE, "staff.mobile") != cipher.seal(PHONE, "staff.mobile")


def test_a_name_of_any_script_is_sealed() -> None:
    assert cipher.open(cipher.seal("张小明", "customer.name"), "customer.name") == "张小明"


def test_after_a_rotation_the_new_key_seals_and_the_old_still_opens() -> None:
    rotated = FieldCipher({"k2": NEW, "k1": OLD})
    assert rotated.seal(PHONE, "staff.mobile").startswith("k2.")
    assert rotated.open(cipher.seal(PHONE, "staff.mobile"), "staff.mobile") == PHONE


def broken(sealed: str) -> str:
    """Change one letter in the middle."""
    middle = len(sealed) // 2
    return sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]


@pytest.mark.parametrize(
    "sealed",
    [
        broken(cipher.seal(PHONE, "staff.mobile")),
        cipher.seal(PHONE, "staff.email"),
        cipher.seal(PHONE, "staff.mobile")[:20],
        FieldCipher({"k1": NEW}).seal(PHONE, "staff.mobile"),
        FieldCipher({"k2": OLD}).seal(PHONE, "staff.mobile"),
        "k1.",
        "k1.张",
        "",
    ],
    ids="broken other-context cut other-key other-id no-body not-base64 empty".split(),
)
def test_what_was_not_sealed_for_this_cannot_be_opened_and_is_not_quoted(sealed: str) -> None:
    with pytest.raises(CannotOpen) as refused:
        cipher.open(sealed, "staff.mobile")
    assert PHONE not in str(refused.value)


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(ValueError, match="no field key"):
        FieldCipher({})


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="AESGCM key"):
        FieldCipher({"k1": base64.b64encode(b"short").decode()})


def test_a_value_that_was_never_sealed_is_not_quoted_either() -> None:
    with pytest.raises(CannotOpen) as refused:
        cipher.open(PHONE, "staff.mobile")
    assert PHONE not in str(refused.value)
