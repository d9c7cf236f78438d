"""The night's indicators against an independent calculation over the same events."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from services.profile.adapters.nights import Nights
from services.profile.nightly.indicators import STEP
from tests.kit.indicators import expected
from tests.kit.profile import BROKER, Stage, profile_stage, told

pytestmark = pytest.mark.integration
DAYS = [date(2026, 5, 6) + timedelta(days=n) for n in range(26)]  # any days: the night knows them


@pytest.fixture
async def stage(fresh_database: Callable[..., str]) -> AsyncIterator[Stage]:
    async with profile_stage(fresh_database("profile")) as made:
        yield made


def yuan(li: int) -> str:
    return f"{Decimal(li) / 1000:f}"


def past(random: Random, account: str) -> tuple[dict[date, Any], list[dict[str, Any]], list[Any]]:
    """Return an account's days and what it closed, and the events that tell of them."""
    settled: dict[date, Any] = {}
    closed: list[dict[str, Any]] = []
    events: list[Any] = []
    equity = random.choice([0, 90_000, 600_000_000, 5_000_000_000, 9_000_123_456])
    eager = random.choice([0, 0.1, 0.5, 1])
    for number, day in enumerate(DAYS[random.choice([0, 0, 5, 20]) :]):
        opening, trades = equity, random.random() < eager and number < random.choice([8, 30, 30])
        row = {
            "opening": opening,
            "deposit": random.choice([0, 0, 0, 50_000_000]),
            "withdrawal": random.choice([0, 0, 0, opening // 2 if opening > 0 else 0]),
            "profit": random.randint(-90_000_000, 80_000_000) if trades else 0,
            "commission": random.choice([1, 300_000, 900_001]) if trades else 0,
            "lots": random.randint(1, 200) if trades else 0,
            "margin": random.choice([0, 70_000_001]),
        }
        equity += row["deposit"] - row["withdrawal"] + row["profit"] - row["commission"]
        settled[day] = {**row, "equity": equity}
        events.append(
            told(
                "account.settled",
                len(events) + 1,
                account=account,
                trading_day=day.isoformat(),
                equity=yuan(equity),
                opening_equity=yuan(opening),
                margin=yuan(row["margin"]),
                close_profit=yuan(row["profit"]),
                position_profit="0",
                commission=yuan(row["commission"]),
                deposit=yuan(row["deposit"]),
                withdrawal=yuan(row["withdrawal"]),
                traded_lots=row["lots"],
            )
        )
        for trade in range(random.choice([0, 1, 3]) if trades else 0):
            one: dict[str, Any] = {
                "day": day,
                "opened": random.choice([day, day - timedelta(days=1)]),
                "lots": random.randint(1, 9),
                "profit": random.randint(-9_000_000, 9_000_000),
            }
            closed.append(one)
            events.append(
                told(
                    "order.closed-out",
                    len(events) + 1,
                    account=account,
                    trading_day=day.isoformat(),
                    trade_id=f"t{trade}",
                    opened_on=one["opened"].isoformat(),
                    lots=one["lots"],
                    profit_tbt=yuan(one["profit"]),
                )
            )
    return settled, closed, events


@pytest.mark.parametrize("seed", range(4))
async def test_indicators_are_those_of_a_second_calculation(stage: Stage, seed: int) -> None:
    random = Random(seed)  # noqa: S311 a past, not a secret
    accounts = {f"9000{n:04}": past(random, f"9000{n:04}") for n in range(12)}
    await stage.tell(*(event for _, _, events in accounts.values() for event in events))
    await stage.close(*DAYS)
    nights = Nights(stage.database, BROKER, [STEP], calm=0)
    while await nights.compute() is not None:
        pass
    rows = await stage.rows("SELECT * FROM indicators")
    found = {(row["account"], row["trading_day"]): row for row in rows}
    wanted = {
        (account, day): expected(DAYS, settled, closed, day)
        for account, (settled, closed, _) in accounts.items()
        for day in settled
    }
    assert found.keys() == wanted.keys()
    for place, figures in wanted.items():
        row = found[place]
        assert {name: row[name] for name in figures} == figures, place
    for name in ("style", "suits", "tier", "churn", "size"):
        assert len({row[name] for row in rows}) > 1, name


async def test_a_night_again_says_the_same(stage: Stage) -> None:
    settled, _, events = past(Random(9), "90000001")  # noqa: S311 a past, not a secret
    await stage.tell(*events)
    await stage.close(*DAYS)
    nights = Nights(stage.database, BROKER, [STEP], calm=0)
    said = []
    for _ in range(2):
        await stage.write("UPDATE nights SET told = told + 1")
        while await nights.compute() is not None:
            pass
        said.append(await stage.rows("SELECT * FROM indicators ORDER BY trading_day, account"))
    assert said[0] == said[1]
    assert len(said[0]) == len(settled)
