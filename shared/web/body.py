"""A request's body, no longer than it may be; read after it is known who sends it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from shared.web.refusal import Refusal

T = TypeVar("T")
LARGEST = 16 * 1024  # bytes of a question or an answer of a person
DEFINED = "#/$defs/"


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


def in_json(adapter: TypeAdapter[T]) -> Callable[[Request], Awaitable[T]]:
    """Return the dependency that reads a body; what is wrong is 400, and what was given not said.

    Unlike a parameter that is the body itself, it comes after the dependencies before it: who
    brings no credential is told so, whatever else is sent.
    """

    async def read(request: Request) -> T:
        raw = await limited(request, LARGEST)
        try:
            return adapter.validate_json(raw)
        except ValidationError as failure:
            wrong = failure.errors(include_input=False, include_url=False, include_context=False)
            said = (f"{'.'.join(['body', *map(str, one['loc'])])}: {_words(one)}" for one in wrong)
            raise Refusal(400, "; ".join(said)[:500]) from None

    return read


def _words(wrong: Mapping[str, Any]) -> str:
    """Return what is wrong; of an unknown kind pydantic's own words would quote it."""
    return "no such kind" if wrong["type"] == "union_tag_invalid" else str(wrong["msg"])


def body_described(adapter: TypeAdapter[Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return what OpenAPI says of such a body; ``examples``: name → body."""
    schema = adapter.json_schema()
    told = {
        "schema": _inlined(schema, schema.pop("$defs", {})),
        "examples": {name: {"value": value} for name, value in examples.items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": told}}}


def _inlined(schema: Any, defined: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, defined) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if name := str(schema.get("$ref", "")).removeprefix(DEFINED):
        return _inlined(defined[name], defined)
    return {k: _inlined(v, defined) for k, v in schema.items() if k != "discriminator"}
