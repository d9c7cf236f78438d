"""HTTP: what 企业微信 calls. Signed and encrypted by it; answered as soon as it is kept.

A stamp is good for one call. A tap that comes again is answered as before, since 企业微信 repeats
what it heard no answer to, and nothing is kept of it. It is remembered after it was kept: one whose
keeping failed may come again. The check opens no ciphertext that came before, either.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse, Response

from services.notify.domain.wecom_callback import (
    WINDOW,
    Envelope,
    Forged,
    Stamp,
    click_in,
    encrypted_in,
)
from shared.clock import Clock
from shared.contracts.callbacks import CardClicked, clicked
from shared.observability.metrics import CALLBACKS
from shared.web.body import limited

LARGEST = 64 * 1024
VALID = 2 * WINDOW  # one dated ahead of our clock is good until as long after it
Word = Annotated[str, Query(max_length=128)]
Long = Annotated[str, Query(max_length=4096)]
Keep = Callable[[CardClicked], Awaitable[None]]


class Replays(Protocol):
    """Which calls were taken before."""

    async def seen(self, call: str) -> bool: ...
    async def keep(self, call: str, valid: timedelta) -> None: ...


def router(envelope: Envelope, keep: Keep, replays: Replays, wall: Clock) -> APIRouter:
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
        if await replays.seen(msg_signature):
            return _refused("replayed")
        await replays.keep(msg_signature, VALID)
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
        fate = "replayed"
        if not await replays.seen(msg_signature):
            fate = "kept" if click else "not-for-us"
            if click is not None:
                await keep(clicked(click))
            await replays.keep(msg_signature, VALID)
        CALLBACKS.labels(fate).inc()
        return PlainTextResponse("")

    return made


def _refused(why: str = "forged") -> Response:
    CALLBACKS.labels(why).inc()
    return PlainTextResponse("", 403)
