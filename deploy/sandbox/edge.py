"""The HTTP edge that no protocol sees: a connection closed without an answer."""

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from deploy.sandbox.entries import Call


class Gateway(FastAPI):
    """FastAPI with a way to hang up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] == "http":
            # uvicorn's send is a method of the exchange that owns the connection; ASGI has no
            # other way to close it, and a faulty gateway must be able to.
            scope["hang_up"] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


class Silence(Response):
    """No answer: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection; where that cannot be done, an empty 502 is sent instead."""
        transport: Any = scope.get("hang_up")
        if transport is None:
            await Response(status_code=502)(scope, receive, send)
            return
        transport.abort()
        await asyncio.sleep(0)  # lets the loop tell the server that the connection is gone


def call_of(request: Request, body: bytes) -> Call:
    """Return a request as the protocols see it; when it came is for the caller to say."""
    return Call(
        method=request.method,
        path=request.url.path,
        query=tuple(request.query_params.multi_items()),
        headers=dict(request.headers),
        body=body,
    )
