"""HTTP: where providers report what became of a message. A key in the address lets them in.

Providers sign nothing, so a report is known by its bytes: what comes again is answered as before,
not read. One that names a message nobody knows yet may come again, until it is known.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import SecretStr

from services.notify.callback_api import Replays
from services.notify.domain.channel import Channel, Receipt, WrongReceipt
from shared.observability.metrics import RECEIPTS
from shared.web.body import limited

LARGEST = 1024 * 1024
VALID = timedelta(days=1)  # providers ask again for hours
Take = Callable[[str, Receipt], Awaitable[str]]


def router(
    channels: Mapping[str, Channel], key: SecretStr, take: Take, replays: Replays
) -> APIRouter:
    """Return the address; a wrong key or channel is 404, an unreadable report 400."""
    made = APIRouter()

    @made.post("/callbacks/receipts/{channel}/{given}")
    async def report(request: Request, channel: str, given: str) -> Response:
        reads: Any = getattr(channels.get(channel), "receipts", None)
        ours = hmac.compare_digest(given.encode(), key.get_secret_value().encode())
        if not ours or reads is None:
            return PlainTextResponse("", 404)
        body = await limited(request, LARGEST)
        call = f"{channel}|{sha256(body).hexdigest()}"
        answer: Any = channels[channel]
        if await replays.seen(call):
            RECEIPTS.labels(channel, "replayed").inc()
            return JSONResponse(dict(answer.taken))
        try:
            told = reads(body)
        except WrongReceipt:
            RECEIPTS.labels(channel, "unreadable").inc()
            return PlainTextResponse("", 400)
        fates = [await take(channel, receipt) for receipt in told]
        for fate in fates:
            RECEIPTS.labels(channel, fate).inc()
        if "unknown" not in fates:
            await replays.keep(call, VALID)
        return JSONResponse(dict(answer.taken))

    return made
