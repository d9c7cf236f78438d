"""Sums: company → branch → manager → client, positions by product, fees by account."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.profile import list_views as v
from services.profile.adapters import kept_sums, sums
from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.asking import Question, SomeDays, Whose
from services.profile.desk import Desk
from services.profile.list_views import Listed
from services.profile.pages import Cursor, Page
from shared.contracts.event import Code
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
UNIT, ACCOUNT = Cursor(id=str), Cursor(account=Code)


class Within(Page):
    """Where in the organisation one looks; an empty one is what belongs to none."""

    branch: Code | Literal[""] | None = None
    manager: Code | Literal[""] | None = None

    @property
    def level(self) -> str:
        """What the rows are: the level below the one that is named."""
        if self.manager is not None:
            return "client"
        return "branch" if self.branch is None else "manager"


class Units(Listed[v.UnitRow]):
    """The rows, and when they were added up; of the whole company some seconds ago."""

    at: datetime


def router(desk: Desk) -> APIRouter:
    """Return the sums."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/organisation")
    async def drill_down(access: Reader, asked: Annotated[Within, Query()]) -> Units:
        """Sum funds by branch; of a branch by manager; of a manager by client."""
        question, last = Question("organisation", desk, access), UNIT.read(asked.after)
        behind = {"last_id": last["id"]} if last else {}
        values = {**asked.asked, **behind, "most": asked.limit}
        async with desk.open_records() as records:
            at, rows = await _units(records, access, asked, values) or (
                desk.clock.now(),
                await sums.summed(records, sums.TREE, access.scope(), values, asked.level),
            )
            await records.note(question.entry(asked.asked))
        views = [v.UnitRow.model_validate(row) for row in rows]
        return Units(rows=views, next=UNIT.next(rows, asked.limit), at=at)

    @made.get("/v1/positions/products")
    async def sum_products(access: Reader, asked: Annotated[Whose, Query()]) -> list[v.ProductRow]:
        """Sum what is held now by product, the most lots first."""
        question = Question("products", desk, access)
        async with desk.open_records() as records:
            rows = await sums.summed(records, sums.STRUCTURE, access.scope(), asked.asked)
            await records.note(question.entry(asked.asked))
        return [v.ProductRow.model_validate(row) for row in rows]

    @made.get("/v1/fees")
    async def sum_fees(access: Reader, asked: Annotated[SomeDays, Query()]) -> Listed[v.FeesRow]:
        """Sum the fees of some days, by account."""
        question, last = Question("fees", desk, access), ACCOUNT.read(asked.after)
        behind = {"last_account": last["account"]} if last else {}
        values = {**asked.asked, **behind, "most": asked.limit}
        async with desk.open_records() as records:
            rows = await sums.summed(records, sums.FEES, access.scope(), values)
            await records.note(question.entry(asked.asked))
        views = [v.FeesRow.model_validate(question.masked(row)) for row in rows]
        return Listed(rows=views, next=ACCOUNT.next(rows, asked.limit))

    return made


async def _units(
    records: Records, access: Access, asked: Within, values: Mapping[str, Any]
) -> tuple[datetime, Rows] | None:
    """Return the company's branches as they were added up lately, for who reaches all of them."""
    if asked.level == "branch" and access.scope().everything:
        return await kept_sums.kept(records, values)
    return None
