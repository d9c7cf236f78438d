"""交易 API — one investor's session in the shape of openctp's wheel: a demo, never the firm's feed.

Orders and trades come by themselves, from the day's beginning at each login. Funds and positions
are asked for in turn, one question at a time and not more than one a second, as the front demands.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.ingest.adapters.ctp.edge import error_of, nothing, read, text
from services.ingest.adapters.ctp.instants import Instants
from services.ingest.adapters.ctp.risk_user import Login
from services.ingest.domain.ctp.gateway import Hear
from services.ingest.domain.ctp.records import (
    Account,
    Arrival,
    Broken,
    Connected,
    Disconnected,
    LoggedIn,
    Order,
    Position,
    Record,
    Stream,
    Trade,
)

PACE_S = 1.05  # a little more than the second that the front counts
ANSWER_S = 10.0


@dataclass(frozen=True)
class Client:
    """Who the program is to the front (看穿式监管), and where the library keeps its flow files."""

    app_id: str
    auth_code: SecretStr
    flow: Path


@dataclass
class TraderUser:
    """See ``domain.ctp.gateway.Gateway``. ``library``: the module; ``pace``: seconds a question."""

    library: Any
    whom: Login
    client: Client
    instants: Instants
    pace: float = PACE_S
    _api: Any = field(default=None, init=False)
    _spi: Any = field(default=None, init=False)
    _hear: Hear = field(init=False, repr=False)
    _day: str = field(default="", init=False)
    _number: int = field(default=0, init=False)
    _answered: threading.Event = field(default_factory=threading.Event, init=False)
    _session: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self, hear: Hear) -> None:
        self._hear = hear
        self.client.flow.mkdir(parents=True, exist_ok=True)
        self._api = self.library.CThostFtdcTraderApi.CreateFtdcTraderApi(f"{self.client.flow}/")
        self._spi = self._callbacks()
        self._api.RegisterSpi(self._spi)
        self._api.RegisterFront(self.whom.front)
        self._api.SubscribePrivateTopic(self.library.THOST_TERT_RESTART)
        self._api.SubscribePublicTopic(self.library.THOST_TERT_QUICK)
        self._api.Init()

    def login(self) -> None:
        if not self.client.app_id:
            self._log_in()
            return
        asked = self._field("ReqAuthenticate")
        asked.AppID = self.client.app_id
        asked.AuthCode = self.client.auth_code.get_secret_value()
        self._ask("ReqAuthenticate", asked)

    def subscribe(self, stream: Stream, after: int) -> None:
        """Nothing is subscribed here: the private topic tells orders and trades."""

    def close(self) -> None:
        self._session.set()
        self._hear = nothing
        self._api.RegisterSpi(None)
        self._api.Release()

    def _callbacks(self) -> Any:
        told: dict[str, Callable[..., None]] = {
            "OnFrontConnected": lambda: self._hear(Connected()),
            "OnFrontDisconnected": self._disconnected,
            "OnRspAuthenticate": self._authenticated,
            "OnRspUserLogin": self._logged_in,
            "OnRtnOrder": lambda p: self._arrived(Stream.ORDER, Order, p),
            "OnRtnTrade": lambda p: self._arrived(Stream.TRADE, Trade, p),
            "OnRspQryTradingAccount": self._answer(Stream.ACCOUNT, Account),
            "OnRspQryInvestorPosition": self._answer(Stream.POSITION, Position),
        }
        members = {name: self._guarded(callback) for name, callback in told.items()}
        return type("Spi", (self.library.CThostFtdcTraderSpi,), members)()

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        def guarded(_: Any, *given: Any) -> None:
            try:
                callback(*given)
            except Exception as failure:
                self._hear(Broken(failure))

        return guarded

    def _arrived(self, stream: Stream, kind: type[Record], struct: Any) -> None:
        whose = _Whose(struct) if stream is Stream.ACCOUNT else struct
        self._hear(Arrival(stream, read(whose, kind), self._day, self.instants.next()))

    def _answer(self, stream: Stream, kind: type[Record]) -> Callable[..., None]:
        def answer(struct: Any, info: Any, number: int, last: bool) -> None:
            if struct is not None and not error_of(info):
                self._arrived(stream, kind, struct)
            if last:
                self._answered.set()

        return answer

    def _disconnected(self, *_: Any) -> None:
        self._session.set()
        self._hear(Disconnected())

    def _authenticated(self, _: Any, info: Any, *__: Any) -> None:
        error = error_of(info)
        self._hear(LoggedIn("", error)) if error else self._log_in()

    def _log_in(self) -> None:
        asked = self._field("ReqUserLogin")
        asked.Password = self.whom.password.get_secret_value()
        self._ask("ReqUserLogin", asked)

    def _logged_in(self, answer: Any, info: Any, *_: Any) -> None:
        error = error_of(info)
        if not error:
            self._day = text(answer.TradingDay)
        self._hear(LoggedIn(self._day if not error else "", error))
        if not error:
            self._session = threading.Event()
            threading.Thread(target=self._inquire, args=(self._session,), daemon=True).start()

    def _inquire(self, over: threading.Event) -> None:
        """Ask in turn until the session is over; no question before the last one is answered."""
        while True:
            for name in ("QryTradingAccount", "QryInvestorPosition"):
                asked_at = time.monotonic()
                self._answered.clear()
                asked = getattr(self.library, f"CThostFtdc{name}Field")()
                asked.BrokerID, asked.InvestorID = self.whom.broker_id, self.whom.user_id
                if self._ask(f"Req{name}", asked) == 0:
                    self._answered.wait(ANSWER_S)
                if over.wait(max(0.0, self.pace - (time.monotonic() - asked_at))):
                    return

    def _field(self, name: str) -> Any:
        asked = getattr(self.library, f"CThostFtdc{name}Field")()
        asked.BrokerID, asked.UserID = self.whom.broker_id, self.whom.user_id
        return asked

    def _ask(self, name: str, asked: Any) -> int:
        """Send a request; 0: it is on its way, else the front's limit or no connection."""
        self._number += 1
        return int(getattr(self._api, name)(asked, self._number))


class _Whose:
    """A TradingAccount, which names its investor by the account."""

    def __init__(self, struct: Any) -> None:
        self._struct = struct

    def __getattr__(self, name: str) -> Any:
        return getattr(self._struct, "AccountID" if name == "InvestorID" else name)
