"""三个存储: real Kafka, PostgreSQL and Valkey, from a folder and a table of ports."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from deploy.embedded import interruption, kafka, postgres, valkey
from deploy.embedded.address import DATABASE, address
from deploy.embedded.ports import Ports
from deploy.embedded.program import Program, stop_all
from deploy.embedded.progress import done, step
from deploy.embedded.state import Secrets, StateFolder
from shared.streams.declare import declare


class Stores:
    """A context: locked, started, each one answering, the topics declared; stopped at its end.

    ``kafka_server``, ``postgres_server`` and ``valkey_server`` can be killed and restarted one by
    one; what was acknowledged is still there.
    """

    kafka_server: Program
    postgres_server: Program
    valkey_server: Program

    def __init__(self, folder: Path, ports: Ports, fresh: bool = False) -> None:
        self.state = StateFolder(folder, fresh)
        self.ports = ports
        self.servers: list[Program] = []

    @property
    def kafka(self) -> str:
        return f"127.0.0.1:{self.ports.kafka}"

    @property
    def postgres_dsn(self) -> str:
        """The address with its password: never for a log."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str) -> str:
        """Return the address of another database of this server."""
        return address(self.ports.postgres, self.secrets.postgres_password, database)

    @property
    def valkey_url(self) -> str:
        return f"redis://127.0.0.1:{self.ports.valkey}/0"

    @property
    def secrets(self) -> Secrets:
        return self.state.secrets

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create one more database, a copy, unless it exists, and return its address."""
        password = self.secrets.postgres_password
        _run(postgres.create_database(self.ports.postgres, password, name, template))
        return self.dsn_of(name)

    def __enter__(self) -> "Stores":
        self.state.open()
        try:
            if self.state.leftovers:
                done(f"停掉上次遗留的进程 · leftovers stopped: {' '.join(self.state.leftovers)}")
            self.ports.refuse_busy()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self) -> None:
        self.kafka_server = kafka.server(self.state, self.ports)
        self.postgres_server = postgres.server(self.state, self.ports)
        self.valkey_server = valkey.server(self.state, self.ports)
        with step("Kafka · PostgreSQL · Valkey"):
            # the slowest first: the others are made while it starts
            for server in (self.kafka_server, self.postgres_server, self.valkey_server):
                self.servers.append(server)
                server.start()
            for server in self.servers:
                server.wait_ready()
            _run(declare(self.kafka))

    def stop(self) -> None:
        """Stop what runs, all at once but waited for in reverse order, and free the folder."""
        with interruption.deferred():
            stop_all(self.servers)
            self.servers.clear()
            self.state.close()


def _run(task: Coroutine[object, object, None]) -> None:
    """Run to the end in a thread of its own: the caller may be inside a loop."""
    with ThreadPoolExecutor(1) as outside_any_loop:
        outside_any_loop.submit(asyncio.run, task).result()
