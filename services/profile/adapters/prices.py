"""价格 — what a future last settled at, as the holdings told it; else what it last traded at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.profile.adapters.records import Records
from services.profile.domain.margin import Key, key, product_of

LOOK_BACK = timedelta(days=10)  # a future that traded no later has no price worth saying
SETTLED = (
    "SELECT x.exchange, x.instrument, x.trading_day, max(x.settlement_price) AS price,"
    " sum(x.lots) AS lots FROM positions x"
    " WHERE x.broker = :broker AND x.settled AND x.lots > 0 AND x.settlement_price > 0"
    " AND x.option_kind IS NULL GROUP BY x.exchange, x.instrument, x.trading_day"
)
"""An instrument settles at one price a day, whoever holds it."""
TRADED = (
    "SELECT exchange, instrument, trading_day, price FROM trades"
    " WHERE broker = :broker AND instrument = :instrument AND trading_day >= :since"
    " AND price > 0 AND NOT cancelled ORDER BY trading_day DESC, executed_at DESC LIMIT 1"
)
DAY = "SELECT max(trading_day) AS day FROM clocks WHERE broker = :broker"


@dataclass(frozen=True)
class LastPrice:
    """What a future cost last: 元 of one unit; ``settled`` or at its last trade. ``lots`` held."""

    exchange: str
    instrument: str
    price: Decimal
    trading_day: date
    settled: bool = True
    lots: int = 0


async def running_day(records: Records) -> date | None:
    """Return the trading day that runs in the stream."""
    (row,) = await records.rows(DAY)
    found: date | None = row["day"]
    return found


async def settlements(records: Records) -> Sequence[LastPrice]:
    """Return what every future that somebody holds settled at last."""
    rows = [LastPrice(**row) for row in await records.rows(SETTLED)]
    latest: dict[tuple[str, str], LastPrice] = {}
    for row in sorted(rows, key=lambda one: one.trading_day):
        latest[row.exchange, row.instrument] = row
    return list(latest.values())


async def traded(records: Records, instrument: str, day: date) -> LastPrice | None:
    """Return what a future last traded at, some days back at most."""
    rows = await records.rows(TRADED, instrument=instrument, since=day - LOOK_BACK)
    return LastPrice(**rows[0], settled=False) if rows else None


def most_held(prices: Iterable[LastPrice]) -> Mapping[Key, LastPrice]:
    """Return of each product the future that is held most on the latest day anything of it was."""
    found: dict[Key, LastPrice] = {}
    for one in sorted(prices, key=lambda one: (one.trading_day, one.lots, one.instrument)):
        if code := product_of(one.instrument):
            found[key(one.exchange, code)] = one
    return found
