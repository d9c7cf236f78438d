"""What ingest writes is what the contract says, byte for byte."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.normalise import Edition, settled, ticked
from services.ingest.domain.sources.cusfund import FundRow
from shared.contracts.trading import TRADING
from tests.kit.ingest import DAY

MONEY = st.decimals(Decimal(-(10**12)), Decimal(10**12), places=3)


@given(
    account=st.from_regex(r"[A-Za-z0-9_.\-]{1,32}", fullmatch=True),
    equity=MONEY,
    available=MONEY,
    opening=st.none() | MONEY,
    version=st.integers(1, 99),
)
def test_a_settlement_is_written_as_its_model_would(
    account: str, equity: Decimal, available: Decimal, opening: Decimal | None, version: int
) -> None:
    fact = settled("demo", FundRow(account, equity, available, opening), Edition(DAY, version))
    event = TRADING.validate_json(fact.body, strict=True)
    assert event.encode() == fact.body
    assert (event.type, event.subject) == (fact.type, fact.key)
    assert (event.source, event.id) == (fact.identity.source, fact.identity.id)


def test_a_tick_carries_the_trading_day_of_its_minute() -> None:
    fact = ticked("demo", datetime(2026, 6, 1, 13, 0, tzinfo=UTC), DAY)
    assert fact.everywhere
    assert b'"at":"2026-06-01T21:00:00+08:00"' in fact.body
