"""The first day that the calendar does not know: refused aloud, never taken for another day."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.ingest.agent.ticking import Ticking
from services.ingest.domain.redrives import Fate
from shared.calendars import calendar_at
from shared.kernel.trading_day import CHINA, OutsideCoverage, china
from tests.kit.ingest import BROKER, FakeBooks, file, fundchg, withdrew
from tests.kit.letters import Desks

FIRST = date(2027, 1, 4)
NEXT_YEAR = """
version: "2027"
source: s
verified_on: 2026-12-20
coverage: {first: 2027-01-01, last: 2027-12-31}
closed: [2027-01-01, 2027-02-05..2027-02-12, 2027-05-03, 2027-10-01..2027-10-07]
"""
FUNDS = "0137fundchg20270104.txt"


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 31, 20, 0, tzinfo=CHINA),  # the evening belongs to the next trading day
        datetime(2027, 1, 4, 9, 0, tzinfo=CHINA),
    ],
)
async def test_no_minute_is_told_beyond_the_last_day(moment: datetime) -> None:
    books = FakeBooks()
    ticking = Ticking(BROKER, china(), books.open)
    with pytest.raises(OutsideCoverage):
        await ticking.tick(moment.astimezone(UTC))
    assert books.now.facts == {}
    await ticking.tick(datetime(2026, 12, 31, 15, 0, tzinfo=CHINA))
    (told,) = books.now.told("clock.ticked")
    assert told["data"]["trading_day"] == "2026-12-31"


async def test_what_comes_on_the_first_day_is_refused_and_comes_back_with_the_next_year(
    tmp_path: Path,
) -> None:
    desks = Desks(tmp_path / "drop")
    at = "2027-01-04T10:00:00+08:00"
    told = withdrew("7", trading_day=str(FIRST), happened_at=at)
    receipt = await desks.broker.post({**told, "time": at})
    assert receipt.accepted == 0
    assert [f"{FIRST} is outside calendar" in one.reason for one in receipt.refused] == [True]
    desks.write(FUNDS, file(fundchg("1", "-5", str(FIRST), date=str(FIRST))))
    assert await desks.sweep() == 1
    assert desks.books.now.told() == []
    posted, dropped = desks.letters()
    assert "outside calendar" in posted.reason
    assert "outside calendar" in dropped.reason
    year = tmp_path / "calendar.yaml"
    year.write_text(NEXT_YEAR, encoding="utf-8")
    desks.restart(calendar_at(year))
    assert [(await desks.redrive(one))[0] for one in (posted, dropped)] == [Fate.REDRIVEN] * 2
    (back,) = desks.books.now.told("funds.withdrawn")
    assert (back["data"]["trading_day"], back["data"]["amount"]) == (str(FIRST), "7")
    assert (desks.folder / FUNDS).exists()
