"""The synthetic day through a counter's structs tells what it tells through push."""

from datetime import date

import pytest

from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from deploy.synthetic.verdict import judge
from services.mot.rules import read_rules
from shared.kernel.trading_day import TradingDay, china
from tests.kit.ctp_day import CounterDay
from tests.kit.in_process import journal, published

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("accounts", "day"),
    [(1, "2026-06-01"), (180, "2026-06-16")],
)
async def test_the_day_through_the_counter_tells_the_golden_messages(
    accounts: int, day: str
) -> None:
    play = Play.of(Stage(TradingDay(date.fromisoformat(day)), china()), accounts, seed=7)
    counter = CounterDay()
    found = judge(
        play.golden, await journal(await published(play.minutes(), counter), read_rules())
    )
    assert found.differences() == []
    assert found.passed
    assert counter.records > 100
    assert counter.repeats > 0
