"""``POST /v1/events``: CloudEvents over HTTP, one or a batch; 202 means durable.

The other endpoints are files of their own; here they become one application.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from services.ingest import account_api, clients_api, directory_api, lists_api
from services.ingest.agent.directory import DirectoryPosting, Judgement, Kind
from services.ingest.agent.guarding import Gatekeeper, OpenGate
from services.ingest.agent.posting import MOST_EVENTS, NotABatch, Posting, Receipt, TooMany, split
from services.ingest.desk import Desk
from services.ingest.domain.books import StoresAway
from shared.contracts.event import BATCH_CONTENT_TYPE
from shared.web.access import Access
from shared.web.body import limited
from shared.web.described import DETAIL, described
from shared.web.gate import allowed, secure
from shared.web.permissions import Permission
from shared.web.refusal import Away, Refusal

LARGEST_BODY = 1024 * 1024  # bytes
SINGLE_CONTENT_TYPE = "application/cloudevents+json"
RETRY_SECONDS = "5"
STORE_SECONDS = 10  # longer than this the database counts as away

Sender = Annotated[Access, allowed(Permission.EVENTS_WRITE)]


@dataclass(frozen=True)
class Door:
    """What posts go through: backlog and guard; ``stored`` is told of each durable batch."""

    too_much_waits: Callable[[], bool]
    stored: Callable[[Receipt], None]
    guard: Gatekeeper = field(default_factory=OpenGate)


def create_api(posting: Posting, directory: DirectoryPosting, door: Door, desk: Desk) -> FastAPI:
    """Return the application with every endpoint of ingest."""
    app = FastAPI(title="观潮 ingest", version="1", docs_url=None, redoc_url=None)
    app.add_exception_handler(StoresAway, _away)

    @app.post("/v1/events", status_code=202, openapi_extra=_OPENAPI)
    async def post_events(request: Request, access: Sender) -> Response:
        """Take CloudEvents. The good ones are stored, the bad ones named; repeats are counted."""
        try:
            return await _post(request, posting, door, access.principal.name)
        except ClientDisconnect:
            return Response(status_code=400)

    async def told(access: Access, kind: Kind, judgement: Judgement) -> None:
        door.stored(Receipt(judgement.facts, duplicates=0))

    app.include_router(directory_api.router(directory, door.too_much_waits, told, desk.clock))
    for part in (account_api, clients_api, lists_api):
        app.include_router(part.router(desk))
    secure(app, desk.authority)
    return app


async def _away(request: Request, failure: Exception) -> Response:
    away = Away("the database")
    return JSONResponse({"detail": away.detail}, away.status, away.headers)


async def _post(request: Request, posting: Posting, door: Door, source: str) -> Response:
    single = _is_single(request)
    if stop := door.guard.stopped(source):
        again = {"Retry-After": str(door.guard.seconds_left(stop))}
        raise Refusal(429, str(stop), **again)
    if door.too_much_waits():
        raise Refusal(429, "too many records wait for Kafka", **{"Retry-After": RETRY_SECONDS})
    body = await limited(request, LARGEST_BODY)
    try:
        receipt = await _accept(body, single, posting)
        await door.guard.note(source, *_seen(receipt))
    except TooMany as failure:
        raise Refusal(413, str(failure)) from None
    except Refusal:
        await door.guard.note(source, 1, 1)
        raise
    except (StoresAway, TimeoutError):
        raise Away("the database") from None
    door.stored(receipt)
    return _answer(receipt)


def _seen(receipt: Receipt) -> tuple[int, int]:
    """Return how many events there were, and how many of them were refused."""
    refused = len(receipt.refused)
    return receipt.accepted + receipt.duplicates + refused, refused


def _is_single(request: Request) -> bool:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in (SINGLE_CONTENT_TYPE, BATCH_CONTENT_TYPE):
        raise Refusal(415, f"content type {BATCH_CONTENT_TYPE} or {SINGLE_CONTENT_TYPE} expected")
    return given == SINGLE_CONTENT_TYPE


async def _accept(body: bytes, single: bool, posting: Posting) -> Receipt:
    async with asyncio.timeout(STORE_SECONDS):
        try:
            return await posting.accept(split(body, single))
        except NotABatch as failure:
            await posting.bury(body, str(failure))
            raise Refusal(400, f"body: {failure}") from None


def _answer(receipt: Receipt) -> Response:
    answer: dict[str, Any] = {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "refused": [asdict(refused) for refused in receipt.refused],
    }
    all_refused = receipt.refused and not receipt.accepted and not receipt.duplicates
    return JSONResponse(answer, 422 if all_refused else 202)


_REFUSED = {
    "type": "object",
    "properties": {
        "index": {"type": "integer"},
        "id": {"type": ["string", "null"]},
        "place": {"type": "string", "description": "a path into the event"},
        "reason": {"type": "string"},
    },
}
_RECEIPT = {
    "type": "object",
    "required": ["accepted", "duplicates", "refused"],
    "properties": {
        "accepted": {"type": "integer"},
        "duplicates": {"type": "integer"},
        "refused": {"type": "array", "items": _REFUSED},
    },
}


_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            BATCH_CONTENT_TYPE: {
                "schema": {"type": "array", "maxItems": MOST_EVENTS, "items": {"type": "object"}}
            },
            SINGLE_CONTENT_TYPE: {"schema": {"type": "object"}},
        },
    },
    "responses": {
        "202": described("stored, durably; refused events are named", _RECEIPT),
        "400": described("the body is no JSON", DETAIL),
        "401": described("no key or token, or one that does not hold", DETAIL),
        "403": described("the key or token may not post", DETAIL),
        "413": described("more than 1 MiB or 1000 events", DETAIL),
        "415": described("another content type", DETAIL),
        "422": described("every event was refused", _RECEIPT),
        "429": described("too many records wait for Kafka: try later", DETAIL),
        "503": described("the database is away: try later", DETAIL),
    },
}
