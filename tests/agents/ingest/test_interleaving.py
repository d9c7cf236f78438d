"""Whatever source comes when: after a day's last files ingest's state and the log say the same.

Pushes, a counter's stream, a pulled table, statements and CFMMC files tell the same day, each a
part of it and some of it wrongly at first. A source is a list of steps that keep their order among
themselves; to add one, add it to ``SOURCES``. The true day: what each step may tell at most, so
that nothing is made up.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.agent.ctp_taking import Taking
from services.ingest.agent.pulling import Pull, Pulling
from services.ingest.domain.ctp.records import Arrival, Stream
from services.ingest.domain.profiles.mapping import Mapper
from services.ingest.domain.pulls import Mark
from tests.kit import cfmmc
from tests.kit.ctp import DESK, arrival
from tests.kit.ingest import BROKER, FakeBooks, cusfund, fundchg, reversed_, withdrew
from tests.kit.ingest_broker import FUNDS, SETTLED, Broker
from tests.kit.profiles import ESUNNY, flow, profile
from tests.kit.profiles import source as described
from tests.kit.statements import Says

MONDAY = date(2026, 6, 1)


class Table:
    """A broker's table that grows."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    async def after(self, mark: Mark | None) -> list[dict[str, Any]]:
        return [row for row in self.rows if mark is None or row["n"] > mark.watermark]


class Firm(Broker):
    """A broker with a counter that streams and a table that is pulled."""

    def __init__(self, books: FakeBooks) -> None:
        super().__init__(books.open)
        self.intake = replace(self.intake, profiles=(described(ESUNNY),))
        self.counter = Taking(DESK, books.open)
        self.table = Table()
        mapper = Mapper(profile(FLOW), BROKER, "pull")
        pull = Pull("flow", mapper, watermark="n", key="n", overlap=0, batch=100, live_from=MONDAY)
        self.pulling = Pulling(pull, self.table, self.intake)

    async def stream(self, *arrivals: Arrival) -> None:
        """Take records of the counter's stream."""
        await self.counter.recall(self.counter.places_of(arrivals))
        await self.counter.store(self.counter.read(arrivals))

    async def pull(self, *rows: tuple[int, str, str, str]) -> None:
        """Add rows (number, account, serial, amount) to the table and pull it."""
        names = ("n", "account", "serial", "amount")
        self.table.rows += [
            dict(zip(names, row, strict=True)) | {"at": "2026-06-01 10:00:00"} for row in rows
        ]
        await self.pulling.round()

    async def export(self, rows: tuple[str, ...]) -> None:
        """Drop a counter's own export of movements, by its profile."""
        await self.intake.take("资金流水_20260601.csv", flow(*rows))

    async def send(self, says: Says) -> None:
        """Drop a statement."""
        await self.intake.take(f"{says.account}_20260601.txt", says.data())


FLOW = """
name: flow
takes: funds
columns:
  {account: account, serial: serial, amount: {column: amount, positive: deposit}, happened_at: at}
"""
Step = Callable[[Firm], Awaitable[Any]]
Source = list[Step]


def post(*events: dict[str, Any]) -> Step:
    return lambda firm: firm.post(*events)


def drop(name: str, *lines: str) -> Step:
    return lambda firm: firm.drop(name, *lines)


def streamed(*records: tuple[int, str, str, float]) -> Step:
    """Stream withdrawals: number, account, serial, amount."""
    arrivals = [
        arrival(
            Stream.DEPOSIT, n, InvestorID=account, SequenceNo=serial, Amount=amount, Direction="2"
        )
        for n, account, serial, amount in records
    ]
    return lambda firm: firm.stream(*arrivals)


def pulled(*rows: tuple[int, str, str, str]) -> Step:
    return lambda firm: firm.pull(*rows)


def exported(*rows: tuple[str, str, str]) -> Step:
    """Return withdrawals (account, serial, amount) of an export."""
    lines = tuple(f"{a},20260601,20260601 10:00:00,{s},O,{m},,人民币,银期" for a, s, m in rows)
    return lambda firm: firm.export(lines)


def sent(says: Says) -> Step:
    return lambda firm: firm.send(says)


FIGURES = ("equity", "available", "commission", "traded_lots", "position_lots")
EQUAL_TO_3 = {
    "客户权益 Client Equity": "3.00",
    "可用资金 Fund Avail.": "3.00",
    "保证金占用 Margin Occupied": "0.00",
    "手 续 费 Commission": "0.00",
}


def out(account: str, amount: str, serial: str, **data: Any) -> dict[str, Any]:
    return withdrew(amount, serial, account=account, **data)


PUSH: Source = [
    post(out("1", "5", "a"), out("1", "5", "b")),
    post(out("2", "7", "c"), out("1", "5", "a")),  # one of them again
    post(out("2", "9", "wrong")),
    post(reversed_("9", "wrong", account="2")),
]
COUNTER: Source = [  # tells some of the same under the same serials, another source
    post(out("1", "5", "b", feed="counter", id="n1"), out("2", "7", "c", feed="counter", id="n2")),
    post(out("3", "4", "d", feed="counter", id="n3")),
]
NIGHT: Source = [  # the money of the day before comes back on this day
    post(out("4", "6", "y", trading_day="2026-05-29")),
    post(reversed_("6", "y", account="4", id="back")),
]
STREAM: Source = [  # CTP's: some of what was pushed, under the same serials
    streamed((1, "1", "a", 5.0), (2, "8", "s1", 1.5)),
    streamed((2, "8", "s1", 1.5), (3, "3", "d", 4.0)),  # begins a little earlier again
]
PULLED: Source = [
    pulled((1, "6", "p1", "-8.00"), (2, "1", "b", "-5.00")),
    pulled((3, "6", "p2", "3.00")),
]
EXPORTED: Source = [  # a counter's own file, again and again: some of it was pushed as well
    exported(("9", "f1", "4.00"), ("2", "c", "7.00")),
    exported(("9", "f1", "4.00"), ("2", "c", "7.00"), ("9", "f2", "2.50")),
]
BOUGHT = ("rb2610", "买", "开", "2", "3110.000", "10.00", "0.00", "T1")
SOLD = ("rb2610", "卖", "平", "1", "3120.000", "10.00", "-500.00", "T2")
HELD = ["rb2610", "买", "20260601", "1", "3110.000", "6240.00"]
SEVEN = Says(account="7").moved("-3.00").traded(BOUGHT, SOLD).held(HELD)
STATED: Source = [
    sent(Says(account="1").moved("-5.00").but(figures=EQUAL_TO_3)),  # one of two
    sent(SEVEN.moved("-2.00").traded(BOUGHT)),  # another sum, and half of its trades
    sent(Says(account="1").moved("-5.00", "-5.00").but(figures=EQUAL_TO_3)),
    sent(SEVEN),
]
TRADE_1 = {"account": "7", "trade_id": "T1", "volume": "2", "fee": "10.00", "offset": "O"}
TRADE_2 = {"account": "7", "trade_id": "T2", "volume": "1", "fee": "10.00", "direction": "S"}
TRADED: Source = [
    drop(cfmmc.name("trddata"), cfmmc.line("trddata", **TRADE_1 | {"volume": "5"})),
    drop(
        cfmmc.name("trddata"),
        cfmmc.line("trddata", **TRADE_1),
        cfmmc.line("trddata", **TRADE_2, offset="L"),
    ),
]
HOLDING: Source = [
    drop(cfmmc.name("holddata"), cfmmc.line("holddata", account="7", volume="3")),
    drop(cfmmc.name("holddata"), cfmmc.line("holddata", account="7", volume="1")),
]
YESTERDAY: Source = [
    drop("0137fundchg20260529.txt", fundchg("4", "-6", "2026-05-29", date="2026-05-29"))
]
TRUE = (
    fundchg("1", "-5"),
    fundchg("1", "-5"),
    fundchg("2", "-7"),
    fundchg("3", "-4"),
    fundchg("4", "6"),
    fundchg("5", "-1"),
    fundchg("2", "-9"),  # one that was reversed, as two rows
    fundchg("2", "9"),
    fundchg("6", "-8"),
    fundchg("6", "3"),
    fundchg("7", "-3"),
    fundchg("8", "-1.5"),
    fundchg("9", "-4"),
    fundchg("9", "-2.5"),
)
MOVED: Source = [
    drop(FUNDS, TRUE[0], TRUE[3], fundchg("5", "-2")),
    drop(FUNDS, *TRUE, fundchg("3", "-4")),
    drop(FUNDS, *TRUE),
]
FUNDED: Source = [
    drop(SETTLED, cusfund("1", "3"), cusfund("2", "4")),
    drop(SETTLED, cusfund("1", "3"), cusfund("2", "5"), cusfund("5", "6")),
]
SOURCES: list[Source] = [
    PUSH,
    COUNTER,
    NIGHT,
    YESTERDAY,
    MOVED,
    FUNDED,
    STREAM,
    PULLED,
    EXPORTED,
    STATED,
    TRADED,
    HOLDING,
]


def settled(books: FakeBooks) -> dict[str, Any]:
    """Return what a subscriber comes to: money by account and day, trades, books and figures."""
    net: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    figures: dict[str, dict[str, str]] = {}
    traded: dict[tuple[str, ...], int] = {}
    held: dict[str, list[int]] = {}
    for event in books.now.told():
        data = event["data"]
        if event["type"].startswith("funds."):
            net[data["account"], data["trading_day"]] += _signed(event["type"], data)
        elif event["type"] == "account.settled":
            figures[data["account"]] = {
                name: f"{Decimal(data[name]).normalize():f}" for name in FIGURES if name in data
            }
        elif event["type"] == "trade.settled":
            name = tuple(data[part] for part in ("account", "exchange", "trade_id", "direction"))
            traded[name] = 0 if data["cancelled"] else data["lots"]
        elif event["type"] == "positions.settled":
            held[data["account"]] = [one["lots"] for one in data["holdings"]]
    standing: Counter[tuple[str, str, Decimal]] = Counter()
    for m in books.now.movements.values():  # out and in again is nothing
        if m.standing:
            sign = 1 if m.key.direction == "deposit" else -1
            standing[m.key.account, str(m.key.trading_day), m.key.amount] += sign
    return {
        "net": _not_zero(net),
        "figures": figures,
        "standing": _not_zero(standing),
        "traded": _not_zero(traded),
        "held": held,
    }


def _not_zero(counted: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: count for key, count in counted.items() if count}


def _signed(type_: str, data: dict[str, Any]) -> Decimal:
    amount = Decimal(data["amount"])
    if type_ == "funds.reversed":
        return amount if data["direction"] == "withdrawal" else -amount
    return -amount if type_ == "funds.withdrawn" else amount


async def play(order: list[int]) -> dict[str, Any]:
    books, waiting = FakeBooks(), [iter(source) for source in SOURCES]
    firm = Firm(books)
    for number in order:
        await next(waiting[number])(firm)
    return settled(books)


IN_TURN = [number for number, source in enumerate(SOURCES) for _ in source]


def test_in_turn_the_day_is_what_its_files_say() -> None:
    state = asyncio.run(play(IN_TURN))
    day = {name: f"{money.normalize():f}" for name, money in state["net"].items()}
    assert day == {
        ("1", "2026-06-01"): "-10",
        ("2", "2026-06-01"): "-7",
        ("3", "2026-06-01"): "-4",
        ("4", "2026-05-29"): "-6",
        ("4", "2026-06-01"): "6",
        ("5", "2026-06-01"): "-1",
        ("6", "2026-06-01"): "-5",
        ("7", "2026-06-01"): "-3",
        ("8", "2026-06-01"): "-1.5",
        ("9", "2026-06-01"): "-6.5",
    }
    assert {account: told["equity"] for account, told in state["figures"].items()} == {
        "1": "3",
        "2": "5",
        "5": "6",
        "7": "99580",
    }
    seven = state["figures"]["7"]
    assert (seven["traded_lots"], seven["commission"], seven["position_lots"]) == ("3", "20", "1")
    assert state["traded"] == {("7", "SHFE", "T1", "buy"): 2, ("7", "SHFE", "T2", "sell"): 1}
    assert state["held"] == {"7": [1]}


def test_every_source_tells_something_when_it_comes_first() -> None:
    for number, source in enumerate(SOURCES):
        books = FakeBooks()
        asyncio.run(_alone(Firm(books), source))
        assert books.now.told(), number


async def _alone(firm: Firm, source: Source) -> None:
    for step in source:
        await step(firm)


@settings(deadline=None, max_examples=60)
@given(st.permutations(IN_TURN))
def test_any_interleaving_of_sources_comes_to_the_same(order: list[int]) -> None:
    assert asyncio.run(play(order)) == asyncio.run(play(IN_TURN))
