"""``python -m deploy.sandbox``: serve until SIGTERM or Ctrl-C; one line and 1 when it cannot."""

import argparse
import asyncio
import signal
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from deploy.sandbox.app import create_app
from deploy.sandbox.limits import LIFTED, PUBLISHED
from deploy.sandbox.log import Broken
from deploy.sandbox.mail import smtp
from deploy.sandbox.sandbox import Sandbox, open_sandbox
from deploy.sandbox.wecom import Members, anybody
from shared.observability import logging
from shared.settings import HttpSettings
from shared.web.health import serving


def main(argv: list[str] | None = None) -> int:
    """Return the exit code."""
    options = _options().parse_args(argv)
    logging.configure("sandbox")
    try:
        http = HttpSettings(host=options.host, port=options.port)
        _check_free(http)
        limits = PUBLISHED if options.limits == "published" else LIFTED
        members = _listed(options.members) if options.members else anybody
        sandbox = open_sandbox(options.folder, options.clock == "posted", limits, members)
    except (Broken, OSError, ValueError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 1
    return asyncio.run(_run(sandbox, http, options.smtp_port))


async def _run(sandbox: Sandbox, http: HttpSettings, smtp_port: int | None) -> int:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, sandbox.stopping.set)
    log = logging.logger()
    log.info("serving", host=http.host, port=http.port, entries=sandbox.journal.last)
    if torn := sandbox.journal.log.torn + sandbox.token_log.torn:
        log.warning("a torn line was cut off", bytes=torn)
    async with serving(create_app(sandbox), http), AsyncExitStack() as stack:
        if smtp_port is not None:
            made = await loop.create_server(lambda: smtp(sandbox), http.host, smtp_port)
            await stack.enter_async_context(made)
        await sandbox.stopping.wait()
    if ailment := sandbox.ailment():
        sys.stderr.write(f"sandbox: {ailment}\n")
        return 1
    sandbox.close()
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, help="take mails too")
    parser.add_argument("--folder", type=Path, required=True, help="journal, tokens, clock")
    parser.add_argument("--clock", choices=["posted", "wall"], default="wall")
    parser.add_argument("--limits", choices=["published", "lifted"], default="published")
    parser.add_argument("--members", type=Path, help="a file of 企业微信 userids, one a line")
    return parser


def _check_free(http: HttpSettings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((http.host, http.port))
        except OSError as error:
            where = f"{http.host}:{http.port}"
            raise Broken(f"{where}: {error.strerror}; choose another --host or --port") from None


def _listed(path: Path) -> Members:
    lines = (line.strip().lower() for line in path.read_text(encoding="utf-8").splitlines())
    listed = frozenset(line for line in lines if line)
    return listed.__contains__


if __name__ == "__main__":
    sys.exit(main())
