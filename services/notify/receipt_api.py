"""HTTP: where providers report what became of a message. A key in the address lets them in."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import SecretStr

from services.notify.domain.channel import Channel, Receipt, WrongReceipt
from shared.observability.metrics import RECEIPTS
from shared.web.body import limited

LARGEST = 1024 * 1024
Take = Callable[[str, Receipt], Awaitable[str]]


def router(channels: Mapping[str, Channel], key: SecretStr, take: Take) -> APIRouter:
    """Return the address; a wrong key or channel is 404, an unreadable report 400."""
    made = APIRouter()

    @made.post("/callbacks/receipts/{channel}/{given}")
    async def report(request: Request, channel: str, given: str) -> Response:
        reads: Any = getattr(channels.get(channel), "receipts", None)
        ours = hmac.compare_digest(given.encode(), key.get_secret_value().encode())
        if not ours or reads is None:
            return PlainTextResponse("", 404)
        try:
            told = reads(await limited(request, LARGEST))
        except WrongReceipt:
            RECEIPTS.labels(channel, "unreadable").inc()
            return PlainTextResponse("", 400)
        for receipt in told:
            RECEIPTS.labels(channel, await take(channel, receipt)).inc()
        taken: Any = channels[channel]
        return JSONResponse(dict(taken.taken))

    return made
