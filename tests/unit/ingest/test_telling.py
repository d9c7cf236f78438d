"""Facts that are written without their models are what the models would write, byte for byte."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.agent.dealings import KINDS as DEALINGS
from services.ingest.domain.dealt import HoldingRow
from services.ingest.domain.fact import Fact
from services.ingest.domain.holdings import held, opened_today, today_rows
from services.ingest.domain.normalise import Edition
from services.ingest.domain.settlement import LOTS, MONEY, Figures, settled
from services.ingest.domain.source import Context
from services.ingest.domain.sources import catalogue
from services.ingest.domain.sources.cusfund import FundRow
from services.ingest.domain.telling import Teller
from shared.contracts.dealings import PositionsSettled
from shared.contracts.stream import STREAM
from shared.kernel.trading_day import china
from tests.kit.cfmmc import KINDS, line
from tests.kit.ingest import DAY, file

TELLER = Teller("demo", "a-kind", Edition(DAY, 2))
YUAN = st.decimals(Decimal(-(10**12)), Decimal(10**12), places=3)
FUNDS = st.builds(
    FundRow,
    account=st.from_regex(r"[A-Za-z0-9_.\-]{1,32}", fullmatch=True),
    equity=YUAN,
    available=YUAN,
    opening_equity=st.none() | YUAN,
    margin=st.none() | YUAN,
)
MORE = st.dictionaries(st.sampled_from([*MONEY, *LOTS]), st.integers(0, 10**12))


def event_of(fact: Fact) -> Any:
    """Return the fact as the contract reads it, and hold its bytes to the contract's."""
    event = STREAM.validate_json(fact.body, strict=True)
    assert event.encode() == fact.body
    assert (event.type, event.subject) == (fact.type, fact.key)
    assert (event.source, event.id) == (fact.identity.source, fact.identity.id)
    return event


def read(kind: str, *lines: str) -> list[Any]:
    reading = catalogue()[kind].parse(file(*lines), Context(china(), DAY))
    assert not reading.bad
    return [good.row for good in reading.good]


@given(FUNDS, MORE)
def test_a_settlement_is_written_as_its_model_would(funds: FundRow, more: dict[str, int]) -> None:
    event_of(settled(Figures(funds, more), TELLER, funds.account))


PRICES = {"trddata": "price", "opttrddata": "price", "liquiddetails": "open_price"}


@pytest.mark.parametrize("kind", DEALINGS, ids=lambda kind: kind.kind)
@pytest.mark.parametrize("price", ["0.000001", "-37", "100", "123456789.5"])
def test_a_dealing_is_written_as_its_model_would(kind: Any, price: str) -> None:
    named = PRICES.get(kind.kind)
    (row,) = read(kind.kind, line(kind.kind, **{named: price} if named else {}))
    fact = TELLER.tell(kind.told_as, "name", row.body() | {"cancelled": True})
    assert event_of(fact).data.cancelled
    assert msgspec.json.decode(row.content(), type=type(row)) == row


@pytest.mark.parametrize("kind", ["holddata", "optholddata"])
def test_a_book_is_written_as_its_model_would(kind: str) -> None:
    rows: list[HoldingRow] = read(kind, line(kind), line(kind, direction="S", code="2"))
    event = event_of(held("1", rows, {}, TELLER))
    assert isinstance(event, PositionsSettled)
    assert [holding.side for holding in event.data.holdings] == ["long", "short"]
    assert event_of(held("1", (), {}, TELLER)).data.holdings == ()


def test_what_was_opened_today_is_added_up_by_holding() -> None:
    details = read(
        "holddetails",
        line("holddetails"),
        line("holddetails", trade_id="T9", volume="1"),
        line("holddetails", trade_id="T0", volume="7", trade_date="2026-05-28"),
        line("holddetails", trade_id="T0", direction="S", volume="2", trade_date="2026-05-28"),
        line("holddetails", trade_id="T5", hedge="H"),
        line("holddetails", trade_id="T6", hedge="H", trade_date=""),
    )
    rows = read("holddata", line("holddata", volume="11"), line("holddata", direction="S"))
    rows += read("holddata", line("holddata", hedge="H"))
    today = opened_today(row.content() for row in today_rows(details))
    event = event_of(held("1", rows, today, TELLER))
    assert {(h.side, h.hedge): h.today_lots for h in event.data.holdings} == {
        ("long", "speculation"): 4,
        ("short", "speculation"): 0,
        ("long", "hedge"): None,
    }


def test_what_the_file_keeps_apart_is_not_given_todays_lots_twice() -> None:
    rows = read("holddata", line("holddata"), line("holddata", component="Y"))
    today = opened_today(
        row.content() for row in today_rows(read("holddetails", line("holddetails")))
    )
    event = event_of(held("1", rows, today, TELLER))
    assert [holding.today_lots for holding in event.data.holdings] == [None, None]


def test_every_kind_of_trading_and_holding_has_a_line_here() -> None:
    dealt = {kind.kind for kind in DEALINGS}
    assert dealt | {"holddata", "optholddata", "holddetails"} == set(KINDS)
