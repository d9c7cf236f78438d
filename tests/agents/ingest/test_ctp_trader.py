"""The trader API's session over a library that exists only as classes: who asks what, and when."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from services.ingest.adapters.ctp.instants import Instants
from services.ingest.adapters.ctp.risk_user import Login
from services.ingest.adapters.ctp.trader_user import Client, TraderUser
from services.ingest.domain.ctp.desk import Desk
from services.ingest.domain.ctp.holdings import Holdings
from services.ingest.domain.ctp.normalise import event_of
from services.ingest.domain.ctp.records import (
    Arrival,
    Connected,
    Disconnected,
    Heard,
    LoggedIn,
    Stream,
)
from shared.clock import WallClock
from shared.kernel.trading_day import china
from tests.kit.ctp import FIELDS

PACE = 0.02


class Library:
    """The names of ``openctp_ctp.thosttraderapi`` that are used."""

    THOST_TERT_RESTART, THOST_TERT_QUICK = 0, 2

    class CThostFtdcTraderSpi:
        """SWIG's director."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.asked_at: list[float] = []
        self.answers = 0
        self.spi: Any = None
        self.CThostFtdcTraderApi = SimpleNamespace(CreateFtdcTraderApi=self._create)

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace  # every other class is a struct

    def _create(self, flow: str) -> "Library":
        self.calls.append(("create", flow))
        return self

    def RegisterSpi(self, spi: Any) -> None:  # noqa: N802
        self.spi = spi or self.spi

    def RegisterFront(self, front: str) -> None:  # noqa: N802
        self.calls.append(("front", front))

    def SubscribePrivateTopic(self, kind: int) -> None:  # noqa: N802
        self.calls.append(("private", kind))

    def SubscribePublicTopic(self, kind: int) -> None:  # noqa: N802
        self.calls.append(("public", kind))

    def Init(self) -> None:  # noqa: N802
        self.calls.append(("init", None))

    def Release(self) -> None:  # noqa: N802
        self.calls.append(("release", None))

    def ReqAuthenticate(self, asked: Any, number: int) -> int:  # noqa: N802
        self.calls.append(("authenticate", asked))
        return 0

    def ReqUserLogin(self, asked: Any, number: int) -> int:  # noqa: N802
        self.calls.append(("login", asked))
        return 0

    def ReqQryTradingAccount(self, asked: Any, number: int) -> int:  # noqa: N802
        return self._asked("account", asked)

    def ReqQryInvestorPosition(self, asked: Any, number: int) -> int:  # noqa: N802
        return self._asked("position", asked)

    def _asked(self, what: str, asked: Any) -> int:
        self.calls.append((what, asked))
        self.asked_at.append(time.monotonic())
        return 0

    def named(self, what: str) -> list[Any]:
        return [asked for name, asked in self.calls if name == what]


Session = tuple[Library, TraderUser, list[Heard]]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Callable[..., Session]]:
    made: list[TraderUser] = []

    def start(app_id: str = "") -> Session:
        library = Library()
        heard: list[Heard] = []
        whom = Login("tcp://127.0.0.1:1", "9999", "80012345", SecretStr("s3cret"))
        client = Client(app_id, SecretStr("code"), tmp_path / "flow")
        user = TraderUser(library, whom, client, Instants(WallClock()), PACE)
        user.start(heard.append)
        made.append(user)
        return library, user, heard

    yield start
    for user in made:
        user.close()


def ok(error: int = 0) -> Any:
    return SimpleNamespace(ErrorID=error)


def _asked(library: Library, times: int) -> bool:
    return len(library.asked_at) == times


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.005)  # noqa: TID251 a thread of the library's kind, no loop


def test_it_starts_with_the_days_orders_from_their_beginning(
    session: Callable[..., Session], tmp_path: Path
) -> None:
    library, user, heard = session()
    library.spi.OnFrontConnected()
    user.login()
    assert heard == [Connected()]
    assert library.named("create") == [f"{tmp_path}/flow/"]
    assert library.named("private") == [library.THOST_TERT_RESTART]
    (login,) = library.named("login")
    assert (login.BrokerID, login.UserID, login.Password) == ("9999", "80012345", "s3cret")
    assert "s3cret" not in repr(user)


def test_a_front_that_wants_the_program_known_is_told_first(
    session: Callable[..., Session],
) -> None:
    library, user, heard = session(app_id="guanchao")
    user.login()
    assert library.named("login") == []
    library.spi.OnRspAuthenticate(None, ok(), 1, True)
    assert len(library.named("login")) == 1
    library.spi.OnRspAuthenticate(None, ok(63), 1, True)
    assert heard == [LoggedIn("", 63)]


def test_one_question_at_a_time_and_not_before_its_pace(session: Callable[..., Session]) -> None:
    library, _, heard = session()
    library.spi.OnRspUserLogin(SimpleNamespace(TradingDay="20260601"), ok(), 1, True)
    assert heard == [LoggedIn("20260601")]
    until(lambda: len(library.asked_at) == 1)
    time.sleep(5 * PACE)  # noqa: TID251 that nothing happens is seen by waiting
    assert len(library.asked_at) == 1, "asked again before the answer"
    for number in range(2, 7):
        library.spi.OnRspQryTradingAccount(None, ok(), number, True)
        until(partial(_asked, library, number))
    gaps = [b - a for a, b in zip(library.asked_at, library.asked_at[1:], strict=False)]
    assert min(gaps) >= PACE * 0.9
    kinds = [name for name, _ in library.calls if name in ("account", "position")]
    assert kinds == ["account", "position"] * 3


def test_a_lost_connection_ends_the_questions(session: Callable[..., Session]) -> None:
    library, _, heard = session()
    library.spi.OnRspUserLogin(SimpleNamespace(TradingDay="20260601"), ok(), 1, True)
    until(lambda: len(library.asked_at) == 1)
    library.spi.OnFrontDisconnected(0x1001)
    library.spi.OnRspQryTradingAccount(None, ok(), 1, True)
    time.sleep(5 * PACE)  # noqa: TID251 that nothing happens is seen by waiting
    assert len(library.asked_at) == 1
    assert isinstance(heard[-1], Disconnected)


def test_what_it_tells_becomes_the_same_events(session: Callable[..., Session]) -> None:
    library, _, heard = session()
    library.spi.OnRspUserLogin(SimpleNamespace(TradingDay="20260601"), ok(), 1, True)
    whose = {"BrokerID": "9999", "InvestorID": "80012345"}
    told = {stream: SimpleNamespace(**whose, **FIELDS[stream]) for stream in FIELDS}
    account = SimpleNamespace(BrokerID="9999", AccountID="80012345", **FIELDS[Stream.ACCOUNT])
    account.TradingDay = "20260601"
    library.spi.OnRtnOrder(told[Stream.ORDER])
    library.spi.OnRtnTrade(told[Stream.TRADE])
    library.spi.OnRspQryTradingAccount(account, None, 1, True)
    library.spi.OnRspQryInvestorPosition(told[Stream.POSITION], None, 1, False)
    library.spi.OnRspQryInvestorPosition(None, None, 1, True)
    desk = Desk("demo", "9999", china(), "ctp-trader")
    events = [event_of(one, desk, Holdings()) for one in heard if isinstance(one, Arrival)]
    assert [event.type for event in events] == [
        "order.force-closed",
        "trade.executed",
        "account.snapshotted",
        "position.snapshotted",
    ]
    assert events[0].id == "2026-06-01/2026-06-01/77/3/3/0/10:01:00"
    assert events[1].id == "2026-06-01/SHFE/000123/sell/80012345"
    assert {event.source.rpartition("/")[0] for event in events} == {"guanchao/ctp-trader"}
    assert len({event.id for event in events}) == 4
