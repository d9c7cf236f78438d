"""The thresholds as the product ships them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Lines:
    """Money in 元, ratios as parts of one, days as trading days."""

    # large_withdrawal, large_deposit
    limit: Decimal = Decimal(5_000_000)
    floor: Decimal = Decimal(500_000)
    share: Decimal = Decimal("0.5")
    deposit_limit: Decimal = Decimal(5_000_000)
    deposit_floor: Decimal = Decimal(500_000)
    deposit_share: Decimal = Decimal("0.5")
    # consecutive_overdraft
    days: int = 2
    total: Decimal = Decimal(100_000)
    # weekly_loss
    loss_days: int = 5
    loss_share: Decimal = Decimal("0.2")
    loss_floor: Decimal = Decimal(10_000)
    # near_dormancy, dormancy_reactivation
    equity: Decimal = Decimal(1_000)
    years: int = 1
    raise_before: int = 10
    remind_before: int = 3
    woken_equity: Decimal = Decimal(1_000)
    woken_years: int = 1
    # rebate_expiry, suitability_expiry, certificate_expiry
    expiry_raise_before: int = 20
    expiry_remind_before: int = 5
    # margin_usage, margin_call, exchange_margin_call
    usage_line: Decimal = Decimal("0.8")
    call_line: Decimal = Decimal(1)
    exchange_line: Decimal = Decimal(1)
    slack: Decimal = Decimal("0.05")
    # daily_drawdown
    drawdown_share: Decimal = Decimal("0.2")
    # unfunded_account
    unfunded_from: int = 3
    unfunded_to: int = 10
    # idle_account
    idle_days: int = 30
    idle_week: int = 5
    idle_weeks: int = 3
    idle_equity: Decimal = Decimal(1_000)
    # feed_silence
    silent_minutes: int = 5
    sources: tuple[str, ...] = ("stream", "*:account")
