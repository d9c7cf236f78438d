"""风控用户 API — the risk user API in the shape of its Python binding ``ctp_risk.ctp_trade``.

Callbacks come on the library's thread. A struct is copied to a record of ours before its callback
returns, and handed over; the hand-over may make the library wait.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pydantic import SecretStr

from services.ingest.adapters.ctp.edge import error_of, nothing, read, text
from services.ingest.adapters.ctp.instants import Instants
from services.ingest.domain.ctp.gateway import Hear
from services.ingest.domain.ctp.records import (
    Account,
    Arrival,
    Broken,
    Connected,
    Deposit,
    Disconnected,
    LoggedIn,
    Notice,
    Order,
    Position,
    PreAccount,
    Record,
    Stream,
    Trade,
)

CALLBACKS: Mapping[str, tuple[Stream, type[Record]]] = {
    "OnRtnSeqDeposit": (Stream.DEPOSIT, Deposit),
    "OnRtnSequencialTrade": (Stream.TRADE, Trade),
    "OnRtnSequencialOrder": (Stream.ORDER, Order),
    "OnRtnSequencialPosition": (Stream.POSITION, Position),
    "OnRtnRiskSyncAccount": (Stream.ACCOUNT, Account),
    "OnRtnSeqPreRiskAccount": (Stream.PRE_ACCOUNT, PreAccount),
    "OnRtnSeqRiskNotifyB": (Stream.NOTICE, Notice),
}
REQUESTS: Mapping[Stream, str] = {
    Stream.DEPOSIT: "ReqSubSeqDeposit",
    Stream.TRADE: "ReqSubscribeTrade",
    Stream.ORDER: "ReqSubscribeOrder",
    Stream.POSITION: "ReqSubscribePosition",
    Stream.PRE_ACCOUNT: "ReqSubPreRiskAccount",
    Stream.NOTICE: "ReqSubSeqRiskNotifyB",
}


@dataclass(frozen=True)
class Login:
    """Where the front is, and who we are to it."""

    front: str
    broker_id: str
    user_id: str
    password: SecretStr


@dataclass
class RiskUser:
    """See ``domain.ctp.gateway.Gateway``. ``api`` is a new binding, not yet started."""

    api: Any
    whom: Login
    instants: Instants
    _hear: Hear = field(init=False, repr=False)
    _day: str = field(default="", init=False)

    def start(self, hear: Hear) -> None:
        self._hear = hear
        self.api.CreateApi()
        spi = self.api.CreateSpi()
        self.api.RegisterSpi(spi)
        self._listen()
        self.api.RegCB()
        self.api.RegisterFront(self.whom.front)
        self.api.Init()

    def login(self) -> None:
        self.api.ReqRiskUserLogin(
            BrokerID=self.whom.broker_id,
            UserID=self.whom.user_id,
            Password=self.whom.password.get_secret_value(),
        )

    def subscribe(self, stream: Stream, after: int) -> None:
        getattr(self.api, REQUESTS[stream])(SequenceNo=after)

    def close(self) -> None:
        self._hear = nothing
        self.api.Release()

    def _listen(self) -> None:
        """Set every callback: those of the binding that nobody sets print what they are given."""
        for name in dir(self.api):
            if name.startswith("On"):
                setattr(self.api, name, nothing)
        self.api.OnFrontConnected = self._guarded(lambda: self._hear(Connected()))
        self.api.OnFrontDisconnected = self._guarded(lambda *_: self._hear(Disconnected()))
        self.api.OnRspRiskUserLogin = self._guarded(self._logged_in)
        for name, (stream, kind) in CALLBACKS.items():
            setattr(self.api, name, self._guarded(partial(self._arrived, stream, kind)))

    def _guarded(self, callback: Callable[..., None]) -> Callable[..., None]:
        """What a callback raises would be printed by the binding and forgotten."""

        def guarded(*given: Any) -> None:
            try:
                callback(*given)
            except Exception as failure:
                self._hear(Broken(failure))

        return guarded

    def _arrived(self, stream: Stream, kind: type[Record], struct: object) -> None:
        self._hear(Arrival(stream, read(struct, kind), self._day, self.instants.next()))

    def _logged_in(self, answer: Any, info: Any, *_: object) -> None:
        error = error_of(info)
        if not error:
            self._day = text(answer.TradingDay)
        self._hear(LoggedIn(self._day, error))
