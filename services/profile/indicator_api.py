"""``GET /v1/indicators``: the newest night's indicators of the accounts in reach, sorted."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query

from services.profile.adapters.listing import Listing
from services.profile.asking import Question, Whose
from services.profile.desk import Desk
from services.profile.indicator_views import IndicatorView
from services.profile.list_views import Listed, OwnedView
from shared.web.access import Access
from shared.web.gate import allowed
from shared.web.permissions import Permission
from shared.web.refusal import described

Reader = Annotated[Access, allowed(Permission.CLIENTS_READ)]
By = Literal["equity", "average_equity", "commission", "traded_lots", "churn_points", "tier"]
FILTERS = {name: f"x.{name} = :{name}" for name in ("tier", "churn", "style", "size", "activity")}
LISTS: Mapping[str, Listing] = {
    by: Listing(
        "indicators",
        ", ".join(f"x.{name}" for name in IndicatorView.model_fields) + ", x.account",
        {by: "bigint", "account": "text"},
        FILTERS,
        "x.trading_day = (SELECT max(n.trading_day) FROM night_steps n"
        " WHERE n.broker = :broker AND n.step = 'indicators')",
    )
    for by in get_args(By)
}
"""By what it is sorted → the list."""


class IndicatorRow(IndicatorView, OwnedView):
    """指标 of an account in reach."""


class Indicators(Whose):
    """Whose indicators, which of them, sorted by what; ``ascending``: the smallest first."""

    tier: Annotated[int, Query(ge=1, le=5)] | None = None
    churn: Literal["low", "middle", "high"] | None = None
    style: Literal["intraday", "mixed", "trend"] | None = None
    size: Literal["large", "middle", "small"] | None = None
    activity: Literal["dormant", "normal", "active", "key"] | None = None
    sort: By = "equity"
    ascending: bool = False


def router(desk: Desk) -> APIRouter:
    """Return the list, in pages."""
    made = APIRouter(responses=described(400, 401, 403, 503))

    @made.get("/v1/indicators")
    async def list_indicators(
        access: Reader, asked: Annotated[Indicators, Query()]
    ) -> Listed[IndicatorRow]:
        """List the indicators of the newest night, sorted."""
        question, up = Question("indicators", desk, access), asked.ascending
        return await question.page(LISTS[asked.sort], IndicatorRow, asked, up)

    return made
