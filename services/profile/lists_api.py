"""The lists: funds, days, flows, trades, positions, forced liquidations of those in reach."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.profile import asking
from services.profile import list_views as v
from services.profile.adapters import lists
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.list_views import Listed
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]


def router(desk: Desk) -> APIRouter:
    """Return the lists, each in pages."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/funds")
    async def list_funds(
        access: Reader, asked: Annotated[asking.Funds, Query()]
    ) -> Listed[v.FundsRow]:
        """List the funds of now, sorted."""
        question, up = Question("funds", desk, access), asked.ascending
        return await question.page(lists.FUNDS[asked.sort], v.FundsRow, asked, up)

    @made.get("/v1/days")
    async def list_days(
        access: Reader, asked: Annotated[asking.OfDays, Query()]
    ) -> Listed[v.DayRow]:
        """List the settled days, the latest first."""
        return await Question("days", desk, access).page(lists.DAYS, v.DayRow, asked)

    @made.get("/v1/flows")
    async def list_flows(
        access: Reader, asked: Annotated[asking.Flows, Query()]
    ) -> Listed[v.FlowRow]:
        """List deposits, withdrawals and reversals, the latest first."""
        return await Question("flows", desk, access).page(lists.FLOWS, v.FlowRow, asked)

    @made.get("/v1/trades")
    async def list_trades(
        access: Reader, asked: Annotated[asking.OfInstruments, Query()]
    ) -> Listed[v.TradeRow]:
        """List the trades, the latest first."""
        return await Question("trades", desk, access).page(lists.TRADES, v.TradeRow, asked)

    @made.get("/v1/positions")
    async def list_positions(
        access: Reader, asked: Annotated[asking.OfInstruments, Query()]
    ) -> Listed[v.PositionRow]:
        """List what is held now, by account."""
        question = Question("positions", desk, access)
        return await question.page(lists.POSITIONS, v.PositionRow, asked, up=True)

    @made.get("/v1/forced-orders")
    async def list_forced_orders(
        access: Reader, asked: Annotated[asking.Forced, Query()]
    ) -> Listed[v.ForcedRow]:
        """List the forced liquidations, the latest first."""
        return await Question("forced-orders", desk, access).page(lists.FORCED, v.ForcedRow, asked)

    return made
