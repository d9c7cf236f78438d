"""发送 — the one place that talks to a gateway.

Nothing of a request ever reaches a log or an exception: its address may carry a token, its body a
phone number. So what goes wrong is returned as a value, and httpx's own loggers are silenced.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.notify.adapters.smtp import deliver
from services.notify.domain.channel import HttpRequest, HttpResponse
from services.notify.domain.mail_request import MailRequest
from services.notify.domain.outcome import Rejected, Retry

LARGEST_ANSWER = 64 * 1024
POOLS = 16
KEEP_ALIVE_SECONDS = 3  # less than any gateway's, so that no request meets a closing connection
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)
TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")


@dataclass(frozen=True)
class Transport:
    """Sends to the allowed hosts only, follows no redirect, reads no more than it must."""

    client: httpx.AsyncClient
    hosts: frozenset[str]
    timeout: float

    async def send(self, request: HttpRequest | MailRequest) -> HttpResponse | Retry | Rejected:
        """Return the gateway's answer, or what its absence means."""
        if _place(request) not in self.hosts:
            return Rejected("host-not-allowed")
        if isinstance(request, MailRequest):
            return await deliver(request, self.timeout)
        try:
            async with asyncio.timeout(self.timeout):
                return await self._exchange(request)
        except NEVER_LEFT as error:
            return Retry(type(error).__name__, made=False)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Retry(type(error).__name__, unsure=True)

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        async with self.client.stream(
            request.method, request.url, headers=list(request.headers), content=request.body
        ) as answer:
            raw = bytearray()
            async for part in answer.aiter_bytes():
                raw += part
                if len(raw) > LARGEST_ANSWER:
                    return HttpResponse(answer.status_code)
        return HttpResponse(answer.status_code, _object(bytes(raw)))


class InTurn(httpx.AsyncBaseTransport):
    """Several small pools of connections, taken in turn.

    What a pool of httpcore's does for a request grows with the square of its connections.
    """

    def __init__(self, pools: Sequence[httpx.AsyncBaseTransport]) -> None:
        self._pools = pools
        self._turn = cycle(pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send by the next pool."""
        return await next(self._turn).handle_async_request(request)

    async def aclose(self) -> None:
        """Close them all."""
        for pool in self._pools:
            await pool.aclose()


def transport(hosts: frozenset[str], timeout: float, slots: int, proxy: str | None) -> Transport:
    """Return a transport; ``timeout`` in seconds is for a whole exchange."""
    for name in TALKATIVE:
        logging.getLogger(name).disabled = True
    limits = httpx.Limits(
        max_connections=slots,
        max_keepalive_connections=slots,
        keepalive_expiry=KEEP_ALIVE_SECONDS,
    )
    trusted = httpx.create_ssl_context(trust_env=False)
    pools = [
        httpx.AsyncHTTPTransport(verify=trusted, trust_env=False, limits=limits, proxy=proxy)
        for _ in range(POOLS)
    ]
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(timeout, connect=min(timeout, 2.0)),
        follow_redirects=False,
        trust_env=False,
        transport=InTurn(pools),
    )
    return Transport(client, hosts, timeout)


def _place(request: HttpRequest | MailRequest) -> str:
    return request.place if isinstance(request, MailRequest) else urlsplit(request.url).netloc


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
