import pytest
from pydantic import SecretStr

from services.notify.domain.links import TODO, VIEW, Signer

SIGNER = Signer("https://console.example", SecretStr("a-key-of-sixteen"))
SIGNATURE = SIGNER.sign("a1", "m001", VIEW)


def test_a_signature_opens_what_it_was_made_for() -> None:
    assert SIGNER.holds("a1", "m001", VIEW, SIGNATURE)


@pytest.mark.parametrize(
    ("alert", "staff", "purpose", "signature"),
    [
        ("a2", "m001", VIEW, SIGNATURE),
        ("a1", "m002", VIEW, SIGNATURE),
        ("a1", "m001", TODO, SIGNATURE),
        ("a1", "m001", VIEW, SIGNATURE[:-1]),
        ("a1", "m001", VIEW, ""),
        ("a1", "m001", VIEW, "签名"),
        ("a1|m001", "", VIEW, SIGNATURE),
    ],
)
def test_and_nothing_else(alert: str, staff: str, purpose: str, signature: str) -> None:
    assert not SIGNER.holds(alert, staff, purpose, signature)


def test_another_key_is_another_signature() -> None:
    other = Signer("https://console.example", SecretStr("b-key-of-sixteen"))
    assert not other.holds("a1", "m001", VIEW, SIGNATURE)


def test_neither_key_nor_links_are_printed() -> None:
    links = SIGNER.links("a1", "m001")
    assert SIGNATURE in links.view
    assert SIGNATURE not in repr(links)
    assert "a-key-of-sixteen" not in repr(SIGNER)
