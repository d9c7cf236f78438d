"""指标 — the parameters they are computed with. Formulas: docs/profile/indicators.md."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from shared.kernel.money import Amount, to_li

Share = Annotated[Decimal, Field(ge=0, le=1)]
Points = Annotated[int, Field(ge=0, le=100)]
FOUR = 4


class Part(BaseModel):
    """Something that adds to the risk of losing a client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Points


class Idle(Part):
    """Trading days without a trade."""

    days: PositiveInt


class Shrunk(Part):
    """A share that is reached."""

    share: Share


class Churn(BaseModel):
    """流失风险: what adds to it, and from which sum on it is middle or high."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idle: Idle
    fading: Shrunk
    shrinking: Shrunk
    leaving: Shrunk
    middle: Points
    high: Points


class Sizes(BaseModel):
    """元 of equity from which on an account is large, or of middle size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    large: Amount
    middle: Amount


class Parameters(BaseModel):
    """See ``indicators.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: PositiveInt
    window: Annotated[int, Field(ge=2, le=250)]
    kept: PositiveInt
    intraday_from: Share
    trend_to: Share
    recency: Annotated[tuple[int, ...], Field(min_length=FOUR, max_length=FOUR)]
    frequency: Annotated[tuple[int, ...], Field(min_length=FOUR, max_length=FOUR)]
    monetary: Annotated[tuple[Amount, ...], Field(min_length=FOUR, max_length=FOUR)]
    tiers: Annotated[tuple[int, ...], Field(min_length=FOUR, max_length=FOUR)]
    policies: Mapping[int, str]
    churn: Churn
    sizes: Sizes
    key_lots: PositiveInt
    active_days: PositiveInt
    new_days: PositiveInt

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters as the statement names them; money in 厘."""
        churn = self.churn
        return {
            "window": self.window,
            "half": self.window // 2,
            "kept": self.kept,
            "intraday_from": self.intraday_from,
            "trend_to": self.trend_to,
            "recency": list(self.recency),
            "frequency": list(self.frequency),
            "monetary": [to_li(amount) for amount in self.monetary],
            "tiers": list(self.tiers),
            "idle_days": churn.idle.days,
            "idle_points": churn.idle.points,
            "fading_share": churn.fading.share,
            "fading_points": churn.fading.points,
            "shrinking_share": churn.shrinking.share,
            "shrinking_points": churn.shrinking.points,
            "leaving_share": churn.leaving.share,
            "leaving_points": churn.leaving.points,
            "churn_middle": churn.middle,
            "churn_high": churn.high,
            "large": to_li(self.sizes.large),
            "middling": to_li(self.sizes.middle),
            "key_lots": self.key_lots,
            "active_days": self.active_days,
            "new_days": self.new_days,
        }
