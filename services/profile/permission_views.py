"""特殊品种权限的答复. Money is 元, orders 笔, the test 分, suitability a level; all as text."""

from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field

from services.profile.asking import Whose
from services.profile.domain.permissions import (
    Condition,
    Evaluation,
    Figures,
    Judged,
    ProductClass,
    Rules,
    Status,
    evaluate,
)
from services.profile.list_views import OwnedView
from services.profile.view import View
from shared.contracts.event import Code
from shared.kernel.money import from_li

EXAMPLE: dict[str, Any] = {
    "product_class": "ine-crude",
    "name": "原油期货和期权",
    "exchange": "INE",
    "products": ["sc"],
    "of": "both",
    "status": "not-met",
    "conditions": [
        {
            "condition": "funds",
            "met": False,
            "figure": "499999.999",
            "threshold": "500000",
            "shortfall": "0.001",
            "exempt": None,
        },
        {
            "condition": "knowledge",
            "met": None,
            "figure": None,
            "threshold": "80",
            "shortfall": None,
            "exempt": "traded",
        },
    ],
}


class Permissions(Whose):
    """Whose, in which class of products, standing how."""

    status: Status | None = None
    product_class: Code | None = Field(default=None, alias="class", description="ine-crude …")


class PermissionRow(OwnedView):
    """一格 — how an account stands to a class of products, since ``trading_day``."""

    product_class: str
    name_of_class: str = ""
    status: Status
    trading_day: date


class ConditionView(View):
    """条件 — the figure beside the threshold; null: not known. ``exempt``: why it may be missed."""

    condition: Condition
    met: bool | None
    figure: str | None
    threshold: str
    shortfall: str | None
    exempt: Literal["professional", "traded", "same"] | None


class ClassView(View):
    """一类品种 — its status and each condition. No ``products``: all of the exchange."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    product_class: str
    name: str
    exchange: str
    products: list[str]
    of: str
    status: Status
    conditions: list[ConditionView]


class AccountPermissions(View):
    """一个账户 — as of the end of ``trading_day``, the last one that was evaluated.

    ``complete``: the orders of all the years asked for are known, else there were at least so many.
    """

    account: str
    trading_day: date
    complete: bool
    traded_days: int
    permissions: list[ClassView]


def account_view(account: str, figures: Figures, rules: Rules) -> AccountPermissions:
    """Return how an account stands to every class."""
    classes = [_class(of, evaluate(figures, of, rules)) for of in rules.classes]
    return AccountPermissions(
        account=account,
        trading_day=figures.day,
        complete=figures.complete,
        traded_days=figures.traded_days,
        permissions=classes,
    )


def _class(of: ProductClass, found: Evaluation) -> ClassView:
    return ClassView(
        product_class=of.code,
        name=of.name,
        exchange=of.exchange,
        products=list(of.products),
        of=of.of,
        status=found.status,
        conditions=[_condition(one) for one in found.judged],
    )


def _condition(one: Judged) -> ConditionView:
    def said(figure: int | None) -> str | None:
        money = one.condition is Condition.FUNDS
        return None if figure is None else f"{from_li(figure):f}" if money else str(figure)

    return ConditionView.model_validate(
        {
            "condition": one.condition,
            "met": one.met,
            "figure": said(one.figure),
            "threshold": said(one.threshold),
            "shortfall": said(one.shortfall),
            "exempt": one.exempt,
        }
    )
