"""``GET /v1/clients`` and ``POST /v1/clients/search``: finding clients.

What identifies a person is asked for in a body, never in an address. Codes may stand in one.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field, model_validator

from services.profile.adapters.clients import Row
from services.profile.adapters.search import find
from services.profile.composing import PERSONAL, opened
from services.profile.desk import Desk
from services.profile.domain.finder import Finder
from services.profile.list_views import FoundPage, FoundView
from services.profile.pages import Cursor, Page
from services.profile.reach import sight
from shared.contracts.customers import CONTEXTS
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission, Sight
from shared.web.refusal import described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
Kind = Literal["person", "company", "special", "other"]
PLACE = Cursor(account=Code, customer_id=Code)
HIDDEN = "*"


class Filters(Page):
    """Which clients; what is left out is not asked. ``account``: how it begins."""

    account: Code | None = None
    client: Code | None = None
    manager: Code | None = None
    branch: Code | None = None
    introducing_broker: Code | None = Field(default=None, description="居间人")
    kind: Kind | None = Field(default=None, description="自然人, 一般法人, 特殊法人, other")


class Search(Filters):
    """Who is sought. ``name``: whole, or one character for the surname alone.

    ``phone``: whole, or as it is shown (138****5678). ``id_number``: 证件号码, whole.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "张小明"}, {"phone": "138****5678"}]},
    )

    name: str | None = Field(default=None, min_length=1, max_length=80)
    phone: str | None = Field(default=None, min_length=4, max_length=60)
    id_number: str | None = Field(default=None, min_length=4, max_length=60)

    @model_validator(mode="after")
    def _something(self) -> "Search":
        if not any((self.name, self.phone, self.id_number, self.account, self.client)):
            raise ValueError("say a name, a phone, an id number, an account or a client")
        return self


def router(desk: Desk) -> APIRouter:
    """Return the two ways to find clients."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    async def found(access: Access, asked: Mapping[str, Any], page: Page) -> FoundPage:
        place = PLACE.read(page.after)
        by = ",".join(sorted(asked)) or "all"
        async with desk.open_records() as records:
            rows = await find(records, access.scope(), asked, place, page.limit)
            await records.note(access.entry(desk.clock.now(), "clients.searched", by))
        views = [_view(row, access, desk) for row in rows]
        return FoundPage(clients=views, next=PLACE.next(rows, page.limit))

    @made.get("/v1/clients")
    async def list_clients(access: Reader, filters: Annotated[Filters, Query()]) -> FoundPage:
        """List the clients in reach, by account."""
        return await found(access, filters.asked, filters)

    @made.post("/v1/clients/search")
    async def search_clients(access: Reader, search: Search) -> FoundPage:
        """Find clients by name, phone, id number or account."""
        return await found(access, _conditions(search, desk.finder), search)

    return made


def _conditions(search: Search, finder: Finder) -> dict[str, Any]:
    """Return what is asked of the tables: of persons only their blind indexes."""
    persons = {"name", "phone", "id_number"}
    asked = {name: value for name, value in search.asked.items() if name not in persons}
    index = finder.index
    if search.name and len(search.name.strip()) == 1:
        asked["surname"] = search.name.strip()
    elif search.name:
        asked["name"] = index.look_up("name", search.name)
    if search.phone:
        kind: Literal["masked_phone", "phone"] = (
            "masked_phone" if HIDDEN in search.phone else "phone"
        )
        asked[kind] = index.look_up(kind, search.phone)
    if search.id_number:
        asked["id_number"] = index.look_up("id_number", search.id_number)
    return asked


def _view(row: Row, access: Access, desk: Desk) -> FoundView:
    visible = sight(access, row) is Sight.MASKED
    kept, mask = PERSONAL["phone"]
    phone = opened(row["sealed_phone"], CONTEXTS[kept], mask, desk.cipher) if visible else None
    masked = {
        "name": row["display_name"] if visible else None,
        "phone": str(phone) if phone else None,
    }
    return FoundView.model_validate({**row, **masked})
