"""A counter of the tests: structs as the C library makes them, a gateway made of a list."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from services.ingest.adapters.ctp.edge import read
from services.ingest.adapters.ctp.risk_user import CALLBACKS
from services.ingest.domain.ctp.desk import Desk
from services.ingest.domain.ctp.gateway import Hear
from services.ingest.domain.ctp.records import Arrival, Heard, Stream
from shared.kernel.trading_day import CHINA, china

UNSET = 1.7976931348623157e308
DAY = "20260601"
AT = datetime(2026, 6, 1, 10, 0, tzinfo=CHINA)
DESK = Desk("demo", "9999", china())
OF = {stream: (name, kind) for name, (stream, kind) in CALLBACKS.items()}

FIELDS: dict[Stream, dict[str, Any]] = {
    Stream.DEPOSIT: {
        "Type": "2",
        "Flag": "1",
        "Direction": "1",
        "SequenceNo": "000000000123",
        "Time": "10:00:00",
        "Amount": 5000000.1,
        "CurrencyID": "CNY",
        "TradingDay": DAY,
    },
    Stream.TRADE: {
        "InstrumentID": "rb2610",
        "ExchangeID": "SHFE",
        "TradeID": "      000123",
        "Direction": "1",
        "OrderSysID": "      0456",
        "OffsetFlag": "3",
        "HedgeFlag": "1",
        "Price": 3105.2,
        "Volume": 2,
        "TradeTime": "21:05:00",
        "BrokerOrderSeq": 77,
        "TradingDay": DAY,
    },
    Stream.ORDER: {
        "InstrumentID": "rb2610",
        "ExchangeID": "SHFE",
        "OrderRef": "1",
        "OrderSysID": "",
        "FrontID": 1,
        "SessionID": 2,
        "BrokerOrderSeq": 77,
        "Direction": "1",
        "CombOffsetFlag": "1",
        "LimitPrice": 3105.0,
        "VolumeTotalOriginal": 5,
        "VolumeTraded": 0,
        "ForceCloseReason": "1",
        "OrderSubmitStatus": "3",
        "OrderStatus": "3",
        "InsertTime": "10:00:00",
        "UpdateTime": "10:01:00",
        "CancelTime": "",
        "TradingDay": DAY,
    },
    Stream.POSITION: {
        "InstrumentID": "rb2610",
        "ExchangeID": "SHFE",
        "PosiDirection": "2",
        "HedgeFlag": "1",
        "PositionDate": "1",
        "Position": 3,
        "TodayPosition": 3,
        "UseMargin": 12345.67825,
        "PositionProfit": -10.5,
        "SettlementPrice": UNSET,
        "TradingDay": DAY,
    },
    Stream.ACCOUNT: {
        "Balance": 900000.0,
        "Available": 500000.125,
        "CurrMargin": 400000.0,
        "ExchangeMargin": UNSET,
        "CloseProfit": -0.0,
        "PositionProfit": float("nan"),
        "Commission": 3.10525,
        "Deposit": 0.0,
        "Withdraw": float("inf"),
        "CurrencyID": "CNY",
    },
    Stream.PRE_ACCOUNT: {},
    Stream.NOTICE: {"NotifyClass": "2", "Message": "张三 您好", "TradingDay": DAY},
}


def struct(stream: Stream, number: int = 1, **changed: Any) -> SimpleNamespace:
    """Return a struct: char arrays are GBK bytes with what lies behind the NUL."""
    told = {"BrokerID": "9999", "InvestorID": "80012345", **FIELDS[stream], **changed}
    if stream is not Stream.ACCOUNT:
        told["UniqSequenceNo"] = number
    return SimpleNamespace(**{name: _c(value) for name, value in told.items()})


def _c(value: Any) -> Any:
    return value.encode("gbk") + b"\0\xff" if isinstance(value, str) else value


def arrival(stream: Stream, number: int = 1, at: datetime = AT, **changed: Any) -> Arrival:
    """Return a record as it arrives."""
    kind = OF[stream][1]
    return Arrival(stream, read(struct(stream, number, **changed), kind), DAY, at)


class FakeGateway:
    """Remembers what it was asked; ``hear`` is the listener's."""

    def __init__(self) -> None:
        self.hear: Hear | None = None
        self.logins = 0
        self.subscribed: list[tuple[Stream, int]] = []
        self.closed = False

    def start(self, hear: Hear) -> None:
        self.hear = hear

    def login(self) -> None:
        self.logins += 1

    def subscribe(self, stream: Stream, after: int) -> None:
        self.subscribed.append((stream, after))

    def close(self) -> None:
        self.closed = True


class Basket:
    """A hand-over without threads; sets ``empty`` when everything was taken and handled."""

    def __init__(self, heard: Sequence[Heard] = ()) -> None:
        self.items = deque(heard)
        self.closed = False
        self.empty = asyncio.Event()

    def put(self, item: Heard) -> None:
        self.items.append(item)

    async def take(self, most: int, seconds: float) -> list[Heard]:
        await asyncio.sleep(0)
        taken = [self.items.popleft() for _ in range(min(most, len(self.items)))]
        if not taken:
            self.empty.set()
            await asyncio.sleep(0.001)
        return taken

    def close(self) -> None:
        self.closed = True
