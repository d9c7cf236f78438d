"""What ingest writes is what the contract says, byte for byte."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.ingest.domain.background import agreed
from services.ingest.domain.normalise import ticked
from services.ingest.domain.sources.agreements import AgreementRow
from shared.contracts.trading import TRADING, AgreementRecorded, ClockTicked
from tests.kit.ingest import DAY


def test_a_tick_carries_the_trading_day_of_its_minute_and_what_was_heard() -> None:
    minute = datetime(2026, 6, 1, 13, 0, tzinfo=UTC)
    fact = ticked("demo", minute, DAY, {"stream": minute - timedelta(seconds=7)})
    assert fact.everywhere
    event = TRADING.validate_json(fact.body, strict=True)
    assert isinstance(event, ClockTicked)
    assert event.data.heard == {"stream": minute - timedelta(seconds=7)}
    assert b'"at":"2026-06-01T21:00:00+08:00"' in fact.body


@pytest.mark.parametrize("kind", ["交返", "a/b", "甲" * 40])
def test_an_agreement_is_named_by_account_kind_and_first_day(kind: str) -> None:
    end = date(2026, 6, 30)
    rows = [AgreementRow("80000001", kind, start, end, "") for start in (None, date(2026, 1, 5))]
    facts = [agreed("demo", row, DAY, 1) for row in rows]
    assert facts[0].identity != facts[1].identity
    event = TRADING.validate_json(facts[1].body, strict=True)
    assert isinstance(event, AgreementRecorded)
    assert (event.data.kind, event.data.starts_on, event.data.ends_on) == (
        kind,
        date(2026, 1, 5),
        end,
    )
    assert event.encode() == facts[1].body
