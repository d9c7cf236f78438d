"""Personal data cannot be printed by accident."""

import json
import logging

import pytest
from pydantic import BaseModel, ValidationError

from shared.kernel.masking import BankCard, IdNumber, Personal, Phone, mask_account, mask_name

PHONE = "13812345678"


class Contact(BaseModel):
    phone: Phone


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        (Phone(PHONE), "138****5678"),
        (IdNumber("110101199001011234"), "110101********1234"),
        (BankCard("6222021234567890123"), "***************0123"),
        (Phone("1234567"), "*******"),  # too short to show anything
        (Phone(""), ""),
        (BankCard("1234"), "****"),
    ],
)
def test_its_text_is_its_mask(value: Personal, mask: str) -> None:
    assert str(value) == f"{value}" == mask
    assert repr(value) == f"{type(value).__name__}({mask!r})"


def test_neither_a_log_nor_json_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    contact = Contact.model_validate({"phone": PHONE})
    with caplog.at_level(logging.INFO):
        logging.getLogger("tests").info("%s %r", contact, contact)
    assert PHONE not in caplog.text
    assert json.loads(contact.model_dump_json()) == {"phone": "138****5678"}
    assert PHONE not in str(contact.model_dump())


def test_revealing_is_deliberate() -> None:
    assert Contact.model_validate_json(f'{{"phone": "{PHONE}"}}').phone.reveal() == PHONE
    assert Contact(phone=Phone(PHONE)).phone.reveal() == PHONE


def test_it_is_text_or_nothing() -> None:
    with pytest.raises(ValidationError):
        Contact.model_validate({"phone": int(PHONE)})


def test_two_of_a_kind_are_equal_by_value_and_two_kinds_never() -> None:
    assert Phone(PHONE) == Phone(PHONE)
    assert len({Phone(PHONE), Phone(PHONE)}) == 1
    assert Phone(PHONE) != BankCard(PHONE)
    assert Phone(PHONE) != PHONE


@pytest.mark.parametrize(
    ("name", "mask"),
    [("张小明", "张**"), ("李四", "李*"), ("欧", "欧"), ("", ""), ("某某贸易有限公司", "某***")],
)
def test_of_a_name_the_first_character_is_shown(name: str, mask: str) -> None:
    assert mask_name(name) == mask


@pytest.mark.parametrize(
    ("account", "mask"), [("80012345", "***345"), ("1234", "***234"), ("345", "***"), ("", "***")]
)
def test_of_an_account_the_last_three_digits_are_shown(account: str, mask: str) -> None:
    assert mask_account(account) == mask
