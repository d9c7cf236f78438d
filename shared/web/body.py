"""A request's body, no longer than it may be."""

from fastapi import Request

from shared.web.refusal import Refusal


async def limited(request: Request, largest: int) -> bytes:
    """Return the body; raises ``Refusal`` 413 as soon as it is larger, declared or not."""
    too_large = Refusal(413, f"the body is larger than {largest} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > largest:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise too_large
    return bytes(body)
