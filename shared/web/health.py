"""``/livez``, ``/readyz`` and ``/metrics`` of every service, and its HTTP server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.settings import HttpSettings

Check = Callable[[], str | None]
"""Returns None when all is well, else the reason in one line."""


def mount(app: FastAPI, alive: Check, ready: Check) -> None:
    """Add the three endpoints; a failing check answers 503 with its reason."""

    def answer(check: Check) -> Response:
        reason = check()
        return Response(reason or "ok", 503 if reason else 200, media_type="text/plain")

    @app.get("/livez", include_in_schema=False)
    def livez() -> Response:
        return answer(alive)

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        return answer(ready)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@contextlib.asynccontextmanager
async def serving(app: FastAPI, http: HttpSettings) -> AsyncIterator[None]:
    """Serve in the running loop; signals stay with the service, which decides how to stop."""
    config = uvicorn.Config(
        app,
        host=http.host,
        port=http.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=15,  # a half-sent request must not hold up the drain
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    config.load()
    task = asyncio.create_task(server._serve(), name="http")
    try:
        yield
    finally:
        server.should_exit = True
        await task
