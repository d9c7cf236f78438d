"""Every event that profile reads is a row of something, and its order is nothing."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profile.domain.fact import Place
from services.profile.domain.facts import catalogue, rows, tables, takers
from services.profile.domain.table import Row, Table, newest
from services.profile.domain.topics import READ
from tests.kit.profile import EVENTS, FINDER, ID_CARD, NAME, PHONE, TYPES, client, told

PLACE = Place(3, FINDER)
STAFF = Table("staff", ("staff_id text",), ("role text",))


def said(type_: str, **data: Any) -> list[Row]:
    topic, event = client(**data) if type_ == "customer.changed" else told(type_, 7, **data)
    return list(rows(READ[topic].validate_python(event, strict=False), PLACE))


def test_every_type_of_the_topics_read_is_taken() -> None:
    assert takers().keys() == {type_ for topic in READ for type_ in topic.types}


@pytest.mark.parametrize("type_", sorted(TYPES.keys() & EVENTS.keys()))
def test_a_golden_event_is_rows_with_a_name_and_a_place(type_: str) -> None:
    found = said(type_)
    assert found
    for row in found:
        nameless = {"starts_on", "opening_trade_id"}
        assert None not in [row.values[c] for c in row.table.named_by if c not in nameless]
        assert None not in row.place


@pytest.mark.parametrize("type_", ["funds.withdrawn", "account.settled", "alert.raised"])
def test_a_rehearsal_never_happened(type_: str) -> None:
    assert said(type_, rehearsal=True) == []


def test_no_table_holds_a_persons_field_in_clear() -> None:
    (kept, *_) = said("customer.changed")
    for clear in (NAME, PHONE, ID_CARD):
        assert clear not in str(kept.values.values())
    assert kept.values["name_index"] == FINDER.index.entry("name", NAME)
    assert kept.values["masked_phone_index"] == FINDER.index.entry("masked_phone", "138****5678")


def test_a_client_whose_fields_cannot_be_opened_is_kept_all_the_same() -> None:
    (kept, *_) = said("customer.changed", sealed_name="k9.AAAA")
    assert kept.values["name_index"] is None


def test_the_managers_before_stand_with_the_one_of_now() -> None:
    before = [{"manager_id": "m0", "since": "2019-03-01", "until": "2026-05-06"}]
    now = {"account": "1", "manager_id": "m1", "since": "2026-05-06", "history": before}
    tenures = [
        r.values for r in said("customer.changed", relations=[now]) if r.table.name == "tenures"
    ]
    assert [(t["place"], t["manager_id"], t["until"] is None) for t in tenures] == [
        (0, "m0", False),
        (1, "m1", True),
    ]


def test_money_is_whole_li() -> None:
    days = next(
        r for r in said("account.settled", equity="-0.125") if r.table.name == "account_days"
    )
    assert days.values["equity"] == -125


def test_tables_have_names_of_their_own_and_members_that_exist() -> None:
    names = [table.name for table in tables()]
    assert len(names) == len(set(names))
    assert {member for table in tables() for member in table.members} <= set(names)
    assert all("trading_day" in table.named_by for table in tables() if table.dated)
    assert len(catalogue()) > 5


def test_a_column_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="staff has no rôle"):
        STAFF.row(staff_id="m1", rôle="x", sequence=1)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=20), st.randoms())
def test_whatever_the_order_and_however_often_the_same_rows_hold(
    told: list[tuple[str, int]], random: Random
) -> None:
    made = [STAFF.row(staff_id=who, role=f"{who}{n}", sequence=n) for who, n in told]
    again = made + random.choices(made, k=len(made)) if made else []
    random.shuffle(again)
    assert newest(again) == newest(made)
