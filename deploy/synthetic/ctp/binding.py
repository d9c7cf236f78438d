"""绑定 — the members and callbacks of ``ctp_risk.ctp_trade.Trade``, over the simulated front.

As with the native library, callbacks come on a thread of its own, structs hold GBK bytes and C
doubles, a lost connection is made again, and a callback that waits makes the front wait.
"""

import contextlib
import socket
import threading
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from deploy.synthetic.ctp.frames import frame, messages

AGAIN_S, CONNECT_S = 0.2, 5.0
READ_AHEAD = 65536  # bytes; what is not read stays with the front


class Trade:
    """One client of the front; callbacks are set as attributes. Names are CTP's."""

    def __init__(self) -> None:
        self._address: tuple[str, int] = ("127.0.0.1", 0)
        self._connection: socket.socket | None = None
        self._sending = threading.Lock()
        self._released = threading.Event()
        self._at = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the simulated moment of what is being told; the native library has none."""
        return self._at

    def CreateApi(self) -> int:  # noqa: N802
        return 1

    def CreateSpi(self) -> int:  # noqa: N802
        return 1

    def RegisterSpi(self, spi: int) -> None:  # noqa: N802
        pass

    def RegCB(self) -> None:  # noqa: N802
        pass

    def RegisterFront(self, address: str) -> None:  # noqa: N802
        parts = urlsplit(address)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 0)

    def Init(self) -> None:  # noqa: N802
        threading.Thread(target=self._live, daemon=True).start()

    def Release(self) -> None:  # noqa: N802
        self._released.set()
        self._hang_up()

    def ReqRiskUserLogin(self, BrokerID: str, UserID: str, Password: str) -> None:  # noqa: N802, N803
        self._send({"ask": "login", "broker": BrokerID, "user": UserID, "password": Password})

    def ReqSubSeqDeposit(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnSeqDeposit", SequenceNo)

    def ReqSubscribeTrade(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnSequencialTrade", SequenceNo)

    def ReqSubscribeOrder(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnSequencialOrder", SequenceNo)

    def ReqSubscribePosition(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnSequencialPosition", SequenceNo)

    def ReqSubPreRiskAccount(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnRiskSyncAccount", SequenceNo)

    def ReqSubSeqRiskNotifyB(self, SequenceNo: int) -> None:  # noqa: N802, N803
        self._subscribe("OnRtnSeqRiskNotifyB", SequenceNo)

    def _subscribe(self, call: str, after: int) -> None:
        self._send({"ask": "subscribe", "call": call, "after": after})

    def _send(self, message: dict[str, Any]) -> None:
        connection = self._connection
        if connection is not None:
            with self._sending, contextlib.suppress(OSError):
                connection.sendall(frame(message))

    def _live(self) -> None:
        while not self._released.is_set():
            with contextlib.suppress(OSError):
                self._visit()
            self._released.wait(AGAIN_S)

    def _visit(self) -> None:
        with socket.create_connection(self._address, timeout=CONNECT_S) as connection:
            connection.settimeout(None)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_AHEAD)
            self._connection = connection
            try:
                self._call("OnFrontConnected")
                for message in messages(connection):
                    self._tell(message)
            finally:
                self._connection = None
                self._call("OnFrontDisconnected", 0x1001)

    def _tell(self, message: dict[str, Any]) -> None:
        fields = c_struct(message["fields"])
        if message["call"] == "OnRspRiskUserLogin":
            self._call(message["call"], fields, SimpleNamespace(ErrorID=message["error"]), 1, True)
            return
        self._at = datetime.fromisoformat(message["at"])
        self._call(message["call"], fields)

    def _call(self, name: str, *given: Any) -> None:
        if not self._released.is_set():
            callback = getattr(self, name, None)
            if callback is not None:
                callback(*given)

    def _hang_up(self) -> None:
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def c_struct(fields: dict[str, Any]) -> SimpleNamespace:
    """Return fields as a C struct has them: a text is bytes that end with NUL."""
    return SimpleNamespace(**{name: _c(value) for name, value in fields.items()})


def _c(value: Any) -> Any:
    return value.encode("gb18030") + b"\0" if isinstance(value, str) else value
