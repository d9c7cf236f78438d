"""Personal fields of an answer: masked wherever nobody said otherwise."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from shared.kernel.masking import Phone
from shared.web.permissions import Sight
from shared.web.reveal import Revealable, Sealed, Viewing, revealables, shown

PHONE = "13812345678"


class View(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    phone: Annotated[Phone | None, Revealable("lead.phone")]
    other: Annotated[Sealed | None, Revealable("customer.phone")]


view = View(phone=Phone(PHONE), other=Sealed(lambda: Phone(PHONE)))


def test_without_a_word_everything_is_masked() -> None:
    for printed in (view.model_dump_json(), repr(view), str(view), str(view.model_dump())):
        assert PHONE not in printed
    assert view.model_dump() == {"phone": "138****5678", "other": "138****5678"}


def test_one_field_is_shown_and_the_other_stays() -> None:
    body = shown(view, Viewing(revealed=frozenset({"customer.phone"}))).body
    assert body == f'{{"phone":"138****5678","other":"{PHONE}"}}'.encode()


def test_who_may_see_nothing_sees_nothing() -> None:
    assert shown(view, Viewing(Sight.NOTHING)).body == b'{"phone":null,"other":null}'


def test_nothing_is_opened_for_who_may_not_see_it() -> None:
    def opened() -> Phone:
        raise AssertionError("opened")

    closed = View(phone=None, other=Sealed(opened))
    assert shown(closed, Viewing(Sight.NOTHING)).body == b'{"phone":null,"other":null}'


def test_the_fields_that_can_be_revealed_are_known_by_name() -> None:
    assert revealables(View) == {"phone": "lead.phone", "other": "customer.phone"}


def test_the_schema_says_that_it_is_a_text() -> None:
    described = View.model_json_schema(mode="serialization")["properties"]["phone"]
    assert described["anyOf"] == [{"type": "string"}, {"type": "null"}]
