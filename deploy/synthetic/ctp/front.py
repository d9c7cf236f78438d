"""前置 — the simulated front: a server on this machine that logs clients in and tells records."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.synthetic.ctp.frames import NotOurs, frame, messages
from deploy.synthetic.ctp.journal import Journal, Told

BROKER_ID, USER_ID = "9999", "risk"
WRONG_PASSWORD, NOT_READY = 3, 7
SEND_TIME = struct.pack("ll", 120, 0)  # seconds; a client that reads nothing for so long is gone


@dataclass(eq=False)
class Client:
    """One connection; ``streams``: the callbacks it has subscribed to since its login."""

    connection: socket.socket
    streams: set[str] = field(default_factory=set)
    logged_in: bool = False

    def send(self, message: dict[str, Any]) -> None:
        """Send, or hang up on a client that does not read."""
        try:
            self.connection.sendall(frame(message))
        except OSError:
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection from this side."""
        self.streams = set()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Front:
    """Listens on 127.0.0.1 from ``start`` to ``stop``. Port 0: any, see ``port``."""

    def __init__(self, port: int, password: str, journal: Journal) -> None:
        self._password, self._journal = password, journal
        self._lock = threading.RLock()
        self._clients: list[Client] = []
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]

    def start(self) -> None:
        """Take clients, each on a thread of its own."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Let all clients go."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.drop_clients()

    @property
    def day(self) -> str:
        """The trading day that has begun, YYYYMMDD."""
        return self._journal.day

    def knows(self, identity: str) -> bool:
        """Say whether a record was told before."""
        return identity in self._journal.known

    def open(self, day: str) -> None:
        """Begin a trading day, unless it has begun; everybody else is logged out."""
        with self._lock:
            if day > self._journal.day:
                self._journal.open(day)
                self.drop_clients()

    def drop_clients(self) -> None:
        """Hang up on everybody, as a front does when its day ends; they come back."""
        with self._lock:
            for client in self._clients:
                client.hang_up()

    def publish(self, identity: str, call: str, day: str, **record: Any) -> Told:
        """Tell a record (``at``, ``fields``), again if it is known; a new day begins by itself."""
        with self._lock:
            self.open(day)
            told = self._journal.add(identity, call, day, record["at"], record["fields"])
            for client in self._clients:
                if call in client.streams:
                    client.send(told.message())
        return told

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIME)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        client = Client(connection)
        answers: dict[str, Callable[[Client, dict[str, Any]], None]] = {
            "login": self._login,
            "subscribe": self._subscribe,
        }
        with self._lock:
            self._clients.append(client)
        try:
            for message in messages(connection):
                answers[message["ask"]](client, message)
        except (OSError, NotOurs, KeyError):
            pass
        finally:
            with self._lock:
                self._clients.remove(client)
            connection.close()

    def _login(self, client: Client, asked: dict[str, Any]) -> None:
        with self._lock:
            day = self._journal.day
            known = (asked["broker"], asked["user"]) == (BROKER_ID, USER_ID)
            right = known and asked["password"] == self._password
            error = 0 if right and day else NOT_READY if right else WRONG_PASSWORD
            client.logged_in = not error
            fields = {"TradingDay": "" if error else day}
            client.send({"call": "OnRspRiskUserLogin", "error": error, "fields": fields})

    def _subscribe(self, client: Client, asked: dict[str, Any]) -> None:
        with self._lock:
            if client.logged_in:
                call = asked["call"]
                for told in self._journal.after(call, self._journal.day, asked["after"]):
                    client.send(told.message())
                client.streams.add(call)
