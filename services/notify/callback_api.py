"""HTTP: what 企业微信 calls. Signed and encrypted by it; answered as soon as it is kept."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from services.notify.domain.wecom_callback import Envelope, Forged, Stamp, click_in, encrypted_in
from shared.clock import Clock
from shared.contracts.callbacks import CardClicked, clicked
from shared.observability.metrics import CALLBACKS
from shared.web.body import limited

LARGEST = 64 * 1024
Word = Annotated[str, Query(max_length=128)]
Long = Annotated[str, Query(max_length=4096)]
Keep = Callable[[CardClicked], Awaitable[None]]


def router(envelope: Envelope, keep: Keep, wall: Clock) -> APIRouter:
    """Return the address; what is forged or too old is 403, and nothing is kept of it."""
    made = APIRouter()

    @made.get("/callbacks/wecom")
    async def check(
        msg_signature: Word = "", timestamp: Word = "", nonce: Word = "", echostr: Long = ""
    ) -> Response:
        try:
            said = envelope.open(Stamp(msg_signature, timestamp, nonce), echostr, wall.now())
        except Forged:
            return _refused()
        return PlainTextResponse(said)

    @made.post("/callbacks/wecom")
    async def take(
        request: Request, msg_signature: Word = "", timestamp: Word = "", nonce: Word = ""
    ) -> Response:
        encrypted = await limited(request, LARGEST)
        try:
            stamp = Stamp(msg_signature, timestamp, nonce)
            click = click_in(envelope.open(stamp, encrypted_in(encrypted), wall.now()))
        except Forged:
            return _refused()
        if click is not None:
            await keep(clicked(click))
        CALLBACKS.labels("kept" if click else "not-for-us").inc()
        return PlainTextResponse("")

    return made


def _refused() -> Response:
    CALLBACKS.labels("forged").inc()
    return PlainTextResponse("", 403)
