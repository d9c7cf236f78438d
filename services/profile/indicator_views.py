"""What is answered of the indicators. Formulas and units: docs/profile/indicators.md."""

from datetime import date

from pydantic import computed_field

from services.profile.nightly.indicators import parameters
from services.profile.view import Ratio, View, Yuan


class IndicatorView(View):
    """指标 — of a trading day and the window before it. Money in 元, ratios of 1."""

    trading_day: date
    equity: Yuan
    average_equity: Yuan
    profit: Yuan | None
    commission: Yuan
    net_deposit: Yuan
    return_rate: Ratio | None
    drawdown_rate: Ratio | None
    margin_use: Ratio | None
    traded_lots: int
    traded_days: int
    idle_days: int | None
    closed_lots: int | None
    closed_today_lots: int | None
    close_today_ratio: Ratio | None
    close_today_profit: Yuan | None
    close_other_profit: Yuan | None
    style: str | None
    suits: str | None
    recency: int
    frequency: int
    monetary: int
    tier: int
    churn_points: int
    churn: str
    size: str
    activity: str
    is_new: bool | None

    @computed_field
    def policy(self) -> str:
        """What the tier asks of the manager."""
        return parameters().policies[self.tier]
