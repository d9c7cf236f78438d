"""``/v1/clients/{client}/erasure``: a client asks to be erased; blocked now, deleted when due.

The reason stands in the body and in the audit. Whom nobody may see any more, auditors may.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.profile.adapters import erasures
from services.profile.adapters.records import Records
from services.profile.desk import Desk
from services.profile.reaching import reached
from shared.contracts.event import Code
from shared.kernel.audit import LONGEST_REASON, objection
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Eraser = Annotated[Access, allowed(Permission.CLIENTS_ERASE)]
Auditor = Annotated[Access, allowed(Permission.AUDIT_READ)]


class Wish(BaseModel):
    """Why: the client's request, in words; no number of the client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(max_length=LONGEST_REASON)

    @field_validator("reason")
    @classmethod
    def _a_reason(cls, reason: str) -> str:
        if wrong := objection(reason):
            raise ValueError(wrong)
        return reason


class ErasureView(BaseModel):
    """封存. ``due``: from when it is to be deleted; null while an account is open."""

    model_config = ConfigDict(frozen=True)

    customer_id: str
    asked_at: datetime
    asked_by: str
    reason: str
    due: date | None
    deleted_at: datetime | None


def router(desk: Desk) -> APIRouter:
    """Return the request, and what became of it."""
    made = APIRouter(responses=described(400, 401, 403, 404, 503))

    @made.post("/v1/clients/{client}/erasure")
    async def request_erasure(client: Code, wish: Wish, access: Eraser) -> ErasureView:
        """Block a client, for ever; asked again it is the same block."""
        now, by = desk.clock.now(), access.principal.name
        look = replace(access.entry(now, "client.blocked", client), reason=wish.reason)
        async with desk.open_records() as records:
            connection, broker = records.connection, records.broker
            if known := await reached(records, access, client):
                said = {"broker": broker, "client": client, "at": now, "by": by}
                await erasures.block(connection, **said, reason=wish.reason)
            found = await _view(records, client)
            known = known or found is not None
            await records.note(look if known else replace(look, outcome="refused"))
        if found is None:
            raise Refusal(404, "no such client")
        return found

    @made.get("/v1/clients/{client}/erasure")
    async def read_erasure(client: Code, access: Auditor) -> ErasureView:
        """Say by whom, when and why a client was blocked, and from when it is to be deleted."""
        look = access.entry(desk.clock.now(), "client.block-read", client)
        async with desk.open_records() as records:
            found = await _view(records, client)
            await records.note(look if found else replace(look, outcome="refused"))
        if found is None:
            raise Refusal(404, "not blocked")
        return found

    return made


async def _view(records: Records, client: str) -> ErasureView | None:
    row = await erasures.erasure(records.connection, records.broker, client)
    return ErasureView.model_validate(row) if row else None
