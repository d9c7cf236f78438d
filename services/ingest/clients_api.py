"""``POST /v1/clients/search``: whose phone this is, by its blind index; nothing is opened for it.

The number is in the body, never in the address; the audit holds its keyed digest and the accounts
that were shown. What is out of reach is not there; who finds nothing is in the audit all the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.ingest.account_api import AccountView, view_of
from services.ingest.desk import Desk
from shared.blind_index import normal
from shared.contracts.customers import Customer
from shared.crypto import FieldCipher
from shared.web.access import Access
from shared.web.body import limited
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described
from shared.web.reveal import Viewing, told

LARGEST_BODY = 1024  # bytes
LEAST_DIGITS, MOST = 7, 50
Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]


def _phone(text: str) -> str:
    if len(normal("phone", text)) < LEAST_DIGITS:
        raise ValueError(f"at least {LEAST_DIGITS} digits expected")
    return text


class Sought(BaseModel):
    """What is known of a client: a phone as a person writes it, with blanks, +86 or without."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    phone: Annotated[str, Field(max_length=60), AfterValidator(_phone)]


class Found(BaseModel):
    """The accounts in reach whose client has that phone, masked; at most 50."""

    accounts: list[AccountView]


def router(desk: Desk) -> APIRouter:
    """Return the question whose phone this is."""
    made = APIRouter()
    answers = described(400, 401, 403, 409, 413, 503)

    @made.post(
        "/v1/clients/search", response_model=Found, responses=answers, openapi_extra=_OPENAPI
    )
    async def search_clients(request: Request, access: Reader) -> JSONResponse:
        """Find clients by phone."""
        if desk.blind is None:
            raise Refusal(409, "no index key is configured: set INGEST_INDEX_KEYS")
        entries = desk.blind.look_up("phone", _sought(await limited(request, LARGEST_BODY)))
        look = access.entry(desk.clock.now(), "clients.searched", f"phone:{entries[0]}")
        async with desk.open_records() as records:
            seen = _seen(access, await records.with_phone(entries), desk.cipher)
            done = replace(look, fields=tuple(f"account:{account}" for account in seen))
            await records.trail.write(done if seen else replace(done, outcome="refused"))
        return JSONResponse({"accounts": list(seen.values())})

    return made


def _sought(body: bytes) -> str:
    try:
        return Sought.model_validate_json(body).phone
    except ValidationError:  # its text quotes the body
        reason = f'body: {{"phone": "…"}} expected, at least {LEAST_DIGITS} digits'
        raise Refusal(400, reason) from None


def _seen(
    access: Access, customers: Sequence[Customer], cipher: FieldCipher
) -> dict[str, dict[str, Any]]:
    """Return the accounts in reach, by their numbers, each as this one may see it."""
    found = sorted(
        ((relation, customer) for customer in customers for relation in customer.relations),
        key=lambda one: one[0].account,
    )
    seen: dict[str, dict[str, Any]] = {}
    for relation, customer in found:
        sight = access.sight(relation)
        if sight is not None and len(seen) < MOST:
            view = view_of(customer, relation, cipher)
            seen[relation.account] = told(view, Viewing(sight))
    return seen


_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Sought.model_json_schema()}},
    }
}
