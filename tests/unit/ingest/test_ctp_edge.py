"""The C edge: doubles become exact decimals, text is GBK, what is unset is None."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.adapters.ctp.edge import COLUMNS, NotExact, decimal, read, text
from services.ingest.domain.ctp.records import Deposit, Illegible, Order, Record, Stream, Unit
from tests.kit.ctp import OF, UNSET, arrival, struct


@pytest.mark.parametrize("value", [UNSET, -UNSET, 1e300, math.nan, math.inf, -math.inf])
def test_what_is_unset_is_none(value: float) -> None:
    assert [decimal(value, unit) for unit in Unit] == [None, None, None]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (5000000.0, "5000000"),
        (1e14, "100000000000000"),
        (10000000000.01, "10000000000.01"),
        (4999999.9999999, "5000000"),
    ],
)
def test_a_movement_is_the_decimal_that_was_meant(value: float, told: str) -> None:
    found = decimal(value, Unit.MOVED)
    assert found is not None
    assert f"{found:f}" == told


@pytest.mark.parametrize("value", [0.0005, 100.12345, 1e15])
def test_a_movement_that_is_no_amount_is_refused(value: float) -> None:
    with pytest.raises(NotExact):
        decimal(value, Unit.MOVED)


def test_a_state_is_rounded_half_to_even() -> None:
    assert decimal(0.0005, Unit.STATE) == 0
    assert decimal(0.0015, Unit.STATE) == Decimal("0.002")
    assert decimal(12345.67825, Unit.STATE) == Decimal("12345.678")


def test_a_price_has_six_decimals() -> None:
    assert decimal(101.005, Unit.PRICE) == Decimal("101.005")
    assert decimal(1 / 3, Unit.PRICE) == Decimal("0.333333")


@given(st.integers(-(10**14), 10**14))
def test_any_whole_li_comes_through_a_double_unchanged(li: int) -> None:
    yuan = Decimal(li) / 1000
    assert decimal(float(yuan), Unit.MOVED) == yuan


def test_text_is_gbk_up_to_the_nul() -> None:
    assert text("螺纹".encode("gbk") + b"\0\xff\xfe") == "螺纹"
    assert text(b"\xff\xff") != ""
    assert text(b"\0abc") == ""


@pytest.mark.parametrize("stream", list(Stream))
def test_every_struct_reads(stream: Stream) -> None:
    record = read(struct(stream), OF[stream][1])
    assert isinstance(record, Record)
    assert (record.broker_id, record.investor_id) == ("9999", "80012345")


def test_a_struct_that_cannot_be_read_keeps_its_number_and_what_it_said() -> None:
    found = arrival(Stream.DEPOSIT, 7, Amount=0.00051).record
    assert isinstance(found, Illegible)
    assert (found.number, found.trading_day, found.place) == (7, "20260601", "Amount")
    assert found.fields["amount"] == "0.00051"


def test_a_library_with_another_struct_is_named() -> None:
    old = struct(Stream.ORDER)
    del old.BrokerOrderSeq
    found = read(old, Order)
    assert isinstance(found, Illegible)
    assert found.place == "BrokerOrderSeq"


def test_no_personal_field_is_read() -> None:
    read_at_all = {told for columns in COLUMNS.values() for _, told, _ in columns}
    assert not read_at_all & {"Message", "IPAddress", "MacAddress", "InvestorName", "ClientID"}
    assert "Amount" in {told for _, told, _ in COLUMNS[Deposit]}
