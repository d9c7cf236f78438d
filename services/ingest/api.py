"""``POST /v1/events``: CloudEvents over HTTP, one or a batch; 202 means durable."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr
from starlette.requests import ClientDisconnect

from services.ingest.agent.posting import MOST_EVENTS, NotABatch, Posting, Receipt, TooMany, split
from services.ingest.domain.books import StoresAway
from shared.contracts.event import BATCH_CONTENT_TYPE

LARGEST_BODY = 1024 * 1024  # bytes
SINGLE_CONTENT_TYPE = "application/cloudevents+json"
RETRY_SECONDS = "5"
STORE_SECONDS = 10  # longer than this the database counts as away

Credentials = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, scheme_name="push_key")),
]


@dataclass(frozen=True)
class Door:
    """What a post passes: the push key, the backlog; ``stored`` is told of each durable batch."""

    push_key: SecretStr
    too_much_waits: Callable[[], bool]
    stored: Callable[[Receipt], None]


class _Turned(Exception):
    """The request is answered without being taken."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def create_api(posting: Posting, door: Door) -> FastAPI:
    """Return the application with the one public endpoint."""
    app = FastAPI(title="观潮 ingest", version="1", docs_url=None, redoc_url=None)

    @app.post("/v1/events", status_code=202, openapi_extra=_OPENAPI)
    async def post_events(request: Request, credentials: Credentials) -> Response:
        """Take CloudEvents. The good ones are stored, the bad ones named; repeats are counted."""
        try:
            _authenticate(credentials, door.push_key)
            return await _post(request, posting, door)
        except ClientDisconnect:
            return Response(status_code=400)
        except _Turned as turned:
            answer = {"detail": turned.detail}
            return JSONResponse(answer, turned.status, turned.headers)

    return app


async def _post(request: Request, posting: Posting, door: Door) -> Response:
    single = _is_single(request)
    if door.too_much_waits():
        raise _Turned(429, "too many records wait for Kafka", **{"Retry-After": RETRY_SECONDS})
    body = await _body(request)
    try:
        receipt = await _accept(body, single, posting)
    except TooMany as failure:
        raise _Turned(413, str(failure)) from None
    except (StoresAway, TimeoutError):
        raise _Turned(503, "the database is away", **{"Retry-After": RETRY_SECONDS}) from None
    door.stored(receipt)
    return _answer(receipt)


def _authenticate(credentials: HTTPAuthorizationCredentials | None, push_key: SecretStr) -> None:
    given = credentials.credentials.encode() if credentials else b""
    if not hmac.compare_digest(given, push_key.get_secret_value().encode()):
        raise _Turned(401, "a push key is needed", **{"WWW-Authenticate": "Bearer"})


def _is_single(request: Request) -> bool:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in (SINGLE_CONTENT_TYPE, BATCH_CONTENT_TYPE):
        raise _Turned(415, f"content type {BATCH_CONTENT_TYPE} or {SINGLE_CONTENT_TYPE} expected")
    return given == SINGLE_CONTENT_TYPE


async def _body(request: Request) -> bytes:
    too_large = _Turned(413, f"the body is larger than {LARGEST_BODY} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > LARGEST_BODY:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise too_large
    return bytes(body)


async def _accept(body: bytes, single: bool, posting: Posting) -> Receipt:
    async with asyncio.timeout(STORE_SECONDS):
        try:
            return await posting.accept(split(body, single))
        except NotABatch as failure:
            await posting.bury(body, str(failure))
            raise _Turned(400, f"body: {failure}") from None


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
_DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}}


def _described(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


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
        "202": _described("stored, durably; refused events are named", _RECEIPT),
        "400": _described("the body is no JSON", _DETAIL),
        "401": _described("no push key, or another one", _DETAIL),
        "413": _described("more than 1 MiB or 1000 events", _DETAIL),
        "415": _described("another content type", _DETAIL),
        "422": _described("every event was refused", _RECEIPT),
        "429": _described("too many records wait for Kafka: try later", _DETAIL),
        "503": _described("the database is away: try later", _DETAIL),
    },
}
