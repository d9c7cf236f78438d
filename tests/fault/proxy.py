"""A TCP proxy that can be slow, or cut everybody off: between notify and PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

PIECE = 1 << 16


@dataclass
class Proxy:
    """Passes bytes on, each piece ``delay`` seconds late."""

    dsn: str
    target: tuple[str, int]
    delay: float = 0.0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def before(cls, dsn: str) -> AsyncIterator[Self]:
        """Listen in front of a database; ``dsn`` of what is yielded leads through it."""
        parts = urlsplit(dsn)
        made = cls("", (parts.hostname or "", parts.port or 0))
        server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        made.dsn = dsn.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{port}", 1)
        try:
            yield made
        finally:
            server.close()
            made.cut()
            await asyncio.sleep(0)

    def cut(self) -> None:
        """Break off every connection that there is, as a reset does."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            inner, outer = await asyncio.open_connection(*self.target)
            self._open.add(outer)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass(reader, outer))
                    both.create_task(self._pass(inner, writer))
            finally:
                self._end(outer)
        except* OSError:
            pass
        finally:
            self._end(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(piece)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        writer.transport.abort()
