"""The synthetic day through a counter's structs tells what it tells through push."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.processes import Chain
from deploy.embedded.stack import Stores
from deploy.embedded.waiting import until
from deploy.synthetic.play import Play
from deploy.synthetic.stage import Stage
from deploy.synthetic.verdict import judge
from services.mot.rules import read_rules
from shared.kernel.trading_day import TradingDay, china
from tests.kit.ctp_day import CounterDay
from tests.kit.in_process import journal, published
from tests.kit.timeline import SERVICES

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


@pytest.mark.full
@pytest.mark.integration
@pytest.mark.timeout(420)
async def test_the_day_through_the_front_and_the_whole_chain(
    own_stores: Stores, tmp_path: Path
) -> None:
    chain = Chain(own_stores, Ports.free(), tmp_path / "chain", simulated=True, counter=True)
    chain.migrate()
    programs = [chain.program(name) for name in SERVICES]
    day = chain.day(seed=7)
    try:
        for program in programs:
            program.start()
        for program in programs:
            await asyncio.to_thread(program.wait_ready)
        day.start()
        await asyncio.to_thread(until, lambda: not day.running, 300.0)
    finally:
        for program in (day, *reversed(programs)):
            program.terminate()
    said = day.recipe.log.read_text(encoding="utf-8").splitlines()[-1]
    found = json.loads(said.removeprefix("DEMO "))
    assert (found["missing"], found["unexpected"]) == (0, 0), found
    assert found["delivered"] == found["golden"] > 300
    assert day.exit_code == 0
    assert "front subscribed" in programs[SERVICES.index("ingest")].recipe.log.read_text()
