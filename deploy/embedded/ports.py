"""端口: one number moves the whole stack; every port is at a fixed distance from it."""

import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, fields

from deploy.embedded.refusal import Refusal

DEFAULT_BASE = 18000
SPAN = 20
LOWEST, HIGHEST = 20000, 32000  # below the range from which the kernel lends ports


@dataclass(frozen=True)
class Ports:
    """The port of each program, all on 127.0.0.1."""

    ingest: int
    mot: int
    notify: int
    sandbox: int
    kafka: int
    kafka_controller: int
    postgres: int
    valkey: int
    counter: int
    profile: int
    smtp: int

    @classmethod
    def at(cls, base: int = DEFAULT_BASE) -> "Ports":
        """Lay the table out from a base.

        >>> Ports.at(18000).sandbox, Ports.at(18000).kafka
        (18004, 18010)
        """
        return cls(*(base + step for step in (1, 2, 3, 4, 10, 11, 12, 13, 5, 6, 7)))

    @classmethod
    def free(cls) -> "Ports":
        """Find a stretch where every port is free now: for tests, which run side by side."""
        chance = random.SystemRandom()
        while True:
            ports = cls.at(chance.randrange(LOWEST, HIGHEST, SPAN))
            if not any(busy(port) for _, port in ports):
                return ports

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))

    def refuse_busy(self) -> None:
        """Raise Refusal naming the first port in use."""
        for name, port in self:
            if busy(port):
                raise Refusal(
                    f"端口 {port}（{name}）已被占用：停掉占用者，或换一组端口 PORT_BASE=19000",
                    f"port {port} ({name}) is busy: stop its owner or choose PORT_BASE=19000",
                )


def busy(port: int) -> bool:
    """Tell whether somebody listens on the port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
