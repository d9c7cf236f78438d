"""A body is read after the credential, no longer than it may be, and never sent back."""

from typing import Annotated, Literal

import httpx
import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel, Field, TypeAdapter

from shared.web.body import LARGEST, body_described, in_json
from shared.web.refusal import Refusal, refused


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    parent: Cat | None = None


PETS: TypeAdapter[Cat | Dog] = TypeAdapter(Annotated[Cat | Dog, Field(discriminator="kind")])


async def post(content: bytes) -> httpx.Response:
    app = FastAPI()
    app.add_exception_handler(Refusal, refused)

    @app.post("/pets")
    async def pets(pet: Annotated[Cat | Dog, Depends(in_json(PETS))]) -> str:
        return pet.kind

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return await client.post("/pets", content=content)


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b'{"kind": "dog"}', 200, "dog"),
        (b"\x00", 400, "body: "),
        (b"", 400, "body: "),
        (b'{"kind": "secret-cat"}', 400, "body: "),
        (b'{"kind": "cat", "lives": "secret"}', 400, "body.cat.lives: "),
        (b" " * (LARGEST + 1), 413, "larger than"),
    ],
)
async def test_what_is_wrong_is_told_by_its_place(content: bytes, status: int, said: str) -> None:
    answer = await post(content)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert "secret" not in answer.text


def test_it_is_described_without_a_reference_that_leads_nowhere() -> None:
    told = body_described(PETS, {"a cat": {"kind": "cat"}})
    assert "$ref" not in str(told)
    body = told["requestBody"]["content"]["application/json"]
    assert body["examples"] == {"a cat": {"value": {"kind": "cat"}}}
    assert [one["title"] for one in body["schema"]["oneOf"]] == ["Cat", "Dog"]
