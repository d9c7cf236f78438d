"""``GET /v1/permissions``: who could open which special products, and one client in detail."""

from dataclasses import fields, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.profile.adapters import clients, lists
from services.profile.adapters.permission_figures import FIGURES_OF, LAST_DAY, values
from services.profile.adapters.records import Records
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.domain.permissions import Figures
from services.profile.list_views import Listed
from services.profile.permission_views import (
    AccountPermissions,
    PermissionRow,
    Permissions,
    account_view,
)
from services.profile.reach import sight
from services.profile.reaching import reached
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import Refusal, described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
FIGURES = {one.name for one in fields(Figures)} - {"day", "opened"}


def router(desk: Desk) -> APIRouter:
    """Return the list, and the question about one client."""
    made = APIRouter(responses=described(400, 401, 403, 503))
    names = {code: one.name for code, one in desk.conditions.classes.items()}

    @made.get("/v1/permissions")
    async def list_permissions(
        access: Reader, asked: Annotated[Permissions, Query()]
    ) -> Listed[PermissionRow]:
        """List how accounts stand to the classes of products, the latest changes first."""
        question = Question("permissions", desk, access)
        found = await question.page(lists.PERMISSIONS, PermissionRow, asked)
        rows = [
            row.model_copy(update={"name_of_class": names.get(row.product_class, "")})
            for row in found.rows
        ]
        return Listed(rows=rows, next=found.next)

    @made.get("/v1/permissions/{client}", responses=described(404))
    async def read_permissions(client: Code, access: Reader) -> list[AccountPermissions]:
        """Say of each account in reach how it stands to every class, condition by condition."""
        look = access.entry(desk.clock.now(), "permissions.read", client)
        async with desk.open_records() as records:
            seen = await reached(records, access, client)
            found = await _figures(records, desk, access, client) if seen else {}
            await records.note(look if seen else replace(look, outcome="refused"))
        if not seen:
            raise Refusal(404, "no such client")
        rules = desk.conditions.rules
        return [account_view(account, figures, rules) for account, figures in found.items()]

    return made


async def _figures(records: Records, desk: Desk, access: Access, client: str) -> dict[str, Figures]:
    """Return the figures of the accounts in reach, as of the last day evaluated; none before it."""
    relations = await clients.relations(records, client)
    (last,) = await records.rows(LAST_DAY)
    day: date | None = last["day"]
    if day is None:
        return {}
    asked = values(desk.conditions, day, desk.calendar)
    accounts = [row["account"] for row in relations]
    rows = await records.rows(FIGURES_OF, **asked, accounts=accounts)
    return {
        row["account"]: Figures(
            day=day, opened=frozenset(row["opened"]), **{name: row[name] for name in FIGURES}
        )
        for row in rows
        if sight(access, row) is not None
    }
