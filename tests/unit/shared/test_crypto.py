"""Sealed fields: opened by any of our keys, for the one context they were sealed for."""

import base64

import pytest

from shared.crypto import _SM4GCM, CannotOpen, FieldCipher

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
    ids=["broken", "context", "cut", "key", "id", "no body", "not base64", "empty"],
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


def test_a_rotation_seals_anew_once_and_leaves_the_rest() -> None:
    rotated = FieldCipher({"k2": NEW, "k1": OLD})
    old = cipher.seal(PHONE, "staff.mobile")
    new = rotated.reseal(old, "staff.mobile")
    assert (rotated.is_current(old), rotated.is_current(new)) == (False, True)
    assert FieldCipher({"k2": NEW}).open(new, "staff.mobile") == PHONE
    assert rotated.reseal(new, "staff.mobile") == new


NATIONAL = {
    "s1": f"sm4:{base64.b64encode(bytes.fromhex('0123456789ABCDEFFEDCBA9876543210')).decode()}"
}


def test_the_national_cipher_seals_and_opens_beside_the_other() -> None:
    both = FieldCipher({**NATIONAL, "k1": OLD})
    sealed = both.seal(PHONE, "staff.mobile")
    assert sealed.startswith("s1.")
    assert both.open(sealed, "staff.mobile") == PHONE
    assert both.open(cipher.seal(PHONE, "staff.mobile"), "staff.mobile") == PHONE
    for wrong in (broken(sealed), sealed[:15], sealed[:30]):
        with pytest.raises(CannotOpen):
            both.open(wrong, "staff.mobile")
    with pytest.raises(CannotOpen):
        both.open(sealed, "staff.email")


def test_the_national_cipher_is_sm4_gcm_of_rfc_8998() -> None:
    """The vector of RFC 8998, appendix A.1."""
    key = _SM4GCM(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"))
    clear = b"".join(
        bytes.fromhex(pair * 8) for pair in ("AA", "BB", "CC", "DD", "EE", "FF", "EE", "AA")
    )
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    sealed = key.encrypt(bytes.fromhex("00001234567800000000ABCD"), clear, bound)
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )


@pytest.mark.parametrize("keys", [{"a.b": OLD}, {"s1": f"sm4:{OLD}"}])
def test_a_key_that_could_not_be_found_again_or_does_not_fit_is_refused(
    keys: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match=r"point|SM4"):
        FieldCipher(keys)
