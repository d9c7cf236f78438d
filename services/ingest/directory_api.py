"""``POST /v1/directory/{kind}``: clients' relations, staff, baselines and agreements, row by row.

The columns are those of the files. A batch says what is, so sending it again changes nothing; 200
means durable. Not PUT: what a batch does not name stays as it is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from services.ingest.agent.directory import MOST_ROWS, DirectoryPosting, Judgement, Kind
from services.ingest.domain.books import StoresAway
from services.ingest.domain.rows import Unreadable
from shared.clock import Clock
from shared.kernel.audit import Entry
from shared.web.access import Access
from shared.web.body import limited
from shared.web.described import DETAIL, described
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Away, Refusal

LARGEST_BODY = 1024 * 1024  # bytes
STORE_SECONDS = 25  # a file that is being taken goes first
ROWS: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[dict[str, Any]])

Editor = Annotated[Access, allowed(Permission.DIRECTORY_WRITE)]
Told = Callable[[Access, Kind, Judgement], Awaitable[None]]
"""Is told of each durable batch, and who sent it, before the answer leaves."""


def router(
    posting: DirectoryPosting,
    too_much_waits: Callable[[], bool],
    told: Told,
    clock: Clock,
) -> APIRouter:
    """Return the endpoint of all four kinds."""
    made = APIRouter()

    @made.post("/v1/directory/{kind}", openapi_extra=_OPENAPI)
    async def post_directory(kind: Kind, request: Request, access: Editor) -> Response:
        """Take rows. New ones are stored, known ones counted, bad ones named with the place."""
        if too_much_waits():
            raise Refusal(429, "too many records wait for Kafka", **{"Retry-After": "5"})
        rows = _rows(await limited(request, LARGEST_BODY))
        look = access.entry(clock.now(), "directory.changed", kind)
        judgement = await _taken(posting, kind, rows, look)
        await told(access, kind, judgement)
        return _answer(judgement)

    return made


async def _taken(
    posting: DirectoryPosting, kind: Kind, rows: list[dict[str, Any]], look: Entry
) -> Judgement:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            return await posting.take(kind, rows, look)
    except (StoresAway, TimeoutError):
        raise Away("the database") from None
    except Unreadable as failure:
        raise Refusal(409, str(failure)) from None


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = ROWS.validate_json(body)
    except ValidationError:  # its text quotes the body
        raise Refusal(400, "body: a JSON list of objects expected, one a row") from None
    if len(rows) > MOST_ROWS:
        raise Refusal(413, f"{len(rows)} rows, at most {MOST_ROWS}")
    return rows


def _answer(judgement: Judgement) -> Response:
    counts = {
        "accepted": judgement.count("accepted"),
        "unchanged": judgement.count("unchanged"),
        "refused": judgement.count("refused"),
    }
    rows = [
        {name: value for name, value in asdict(row).items() if value is not None}
        for row in judgement.rows
    ]
    nothing_good = counts["refused"] and not counts["accepted"] and not counts["unchanged"]
    return JSONResponse({**counts, "rows": rows}, 422 if nothing_good else 200)


_ROW = {
    "type": "object",
    "required": ["row", "result"],
    "properties": {
        "row": {"type": "integer", "description": "index in the batch, from 0"},
        "result": {"enum": ["accepted", "unchanged", "refused"]},
        "place": {"type": "string", "description": "the column"},
        "reason": {"type": "string"},
    },
}
_JUDGEMENT = {
    "type": "object",
    "required": ["accepted", "unchanged", "refused", "rows"],
    "properties": {
        "accepted": {"type": "integer"},
        "unchanged": {"type": "integer"},
        "refused": {"type": "integer"},
        "rows": {"type": "array", "items": _ROW},
    },
}


_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "maxItems": MOST_ROWS, "items": {"type": "object"}}
            }
        },
    },
    "responses": {
        "200": described("stored, durably; row by row", _JUDGEMENT),
        "400": described("the body is no JSON list of objects", DETAIL),
        "401": described("no key or token, or one that does not hold", DETAIL),
        "403": described("the key or token may not write the directory", DETAIL),
        "409": described("no trading day is known: the calendar has ended", DETAIL),
        "413": described("more than 1 MiB or 1000 rows", DETAIL),
        "422": described("every row was refused", _JUDGEMENT),
        "429": described("too many records wait for Kafka: try later", DETAIL),
        "503": described("the database is away: try later", DETAIL),
    },
}
