"""Combinations: told under their own names wherever an instrument is named, and nothing else is."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.ingest.domain.ctp.holdings import Holdings
from services.ingest.domain.ctp.normalise import event_of
from services.ingest.domain.ctp.records import Stream
from services.ingest.domain.positional import Positional
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.rows import BadRow, instrument_code
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from shared.contracts.instruments import LONGEST_INSTRUMENT, Instrument
from shared.contracts.stream import STREAM
from shared.kernel.hours import product_of, products_of
from shared.kernel.trading_day import china
from tests.kit import cfmmc
from tests.kit.ctp import DESK, arrival
from tests.kit.ingest import BROKER, DAY, file
from tests.kit.profiles import profile

CONTEXT = Context(china(), DAY)
INSTRUMENT: TypeAdapter[str] = TypeAdapter(Instrument)
COMBINATIONS = [
    ("SP m2601&m2605", ("m",)),
    ("SPC a2605&m2605", ("a", "m")),
    ("SPD RM605&RM609", ("rm",)),
    ("IPS SF601&SM601", ("sf", "sm")),
    ("STG SR703C5300&SR703P5200", ("sr",)),
    ("STG m2109-C-3000&m2109-P-3000", ("m",)),
]
NAMES = ["rb2610", "m2609-C-3000", *(name for name, _ in COMBINATIONS)]
WRONG = [
    "",
    " m2601",
    "SP  m2601",
    "SP m2601&",
    "&m2601",
    "a/b",
    "a@b",
    "a&b\n",
    "组合 m2601",
    "a\tb",
]
WRONG += ["x" * (LONGEST_INSTRUMENT + 1), "a b c d e f"]


@pytest.mark.parametrize("name", NAMES)
def test_contract_and_rows_admit_it(name: str) -> None:
    assert INSTRUMENT.validate_python(name) == instrument_code(name, "合约") == name


@pytest.mark.parametrize("name", WRONG)
def test_contract_and_rows_refuse_what_is_none(name: str) -> None:
    with pytest.raises(ValidationError):
        INSTRUMENT.validate_python(name)
    with pytest.raises(BadRow):
        instrument_code(name, "合约")


@pytest.mark.parametrize(("name", "products"), COMBINATIONS)
def test_its_products_are_those_of_its_legs(name: str, products: tuple[str, ...]) -> None:
    assert (products_of(name), product_of(name)) == (products, products[0])
    assert china().timetable.of(name, DAY).product == products[0]


def test_an_account_is_never_named_so() -> None:
    event = event_of(arrival(Stream.TRADE), DESK, Holdings()).model_dump(mode="json")
    event["data"]["account"], event["subject"] = "SP m2601&m2605", "demo:SP m2601&m2605"
    with pytest.raises(ValidationError):
        STREAM.validate_python(event)


@pytest.mark.parametrize(
    ("stream", "place"),
    [
        (Stream.ORDER, ("instrument",)),
        (Stream.POSITION, ("holding", "instrument")),
        (Stream.TRADE, ("instrument",)),
    ],
)
def test_a_counter_s_records_name_it(stream: Stream, place: tuple[str, ...]) -> None:
    told = event_of(arrival(stream, InstrumentID="SP m2601&m2605"), DESK, Holdings())
    found: Any = STREAM.validate_json(told.encode()).data
    for step in place:
        found = getattr(found, step)
    assert found == "SP m2601&m2605"


@pytest.mark.parametrize(
    "kind", ["trddata", "liquiddetails", "holddata", "holddetails", "delivdetails"]
)
def test_a_line_of_a_file_names_it(kind: str) -> None:
    source = catalogue()[kind]
    assert isinstance(source, Positional)
    reading = source.parse(file(cfmmc.line(kind, instrument="SPD RM605&RM609")), CONTEXT)
    assert not reading.bad
    (good,) = reading.good
    assert good.row.instrument == "SPD RM605&RM609"
    assert getattr(good.row, "option", None) is None


def test_a_row_of_a_brokers_own_form_names_it() -> None:
    held = """
name: own
takes: positions-of-day
columns: {account: a, exchange: {value: DCE}, instrument: i, side: s, lots: l}
"""
    cells = {"a": "1", "i": "SP m2601&m2605", "s": "多", "l": "2"}
    assert Mapper(profile(held), BROKER).read(cells, CONTEXT).row.instrument == "SP m2601&m2605"
