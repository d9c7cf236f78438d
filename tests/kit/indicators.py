"""The indicators of an account, computed a second way: plain Python over what was told."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

WINDOW, HALF = 20, 10
Told = Mapping[str, Any]


def ratio(part: Decimal | int | None, whole: Decimal | int) -> Decimal | None:
    """Return a ratio to six places; None where there is nothing to divide by."""
    if part is None or whole <= 0:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def points(value: int, lines: Sequence[int]) -> int:
    return 1 + sum(value >= line for line in lines)


def expected(
    days: Sequence[date], settled: Mapping[date, Told], closed: Sequence[Told], today: date
) -> dict[str, Any]:
    """Return what is to be said of an account on ``today``; money in 厘."""
    window = [day for day in days if day <= today][-WINDOW:]
    rows = [settled[day] for day in window if day in settled]
    now, base = settled[today], rows[0]["opening"] + sum(row["deposit"] for row in rows)
    made = peak = fall = 0
    for row in rows:
        made += row["profit"] - row["commission"]
        peak = max(peak, made)
        fall = max(fall, peak - made)
    traded = [day for day in window if day in settled and settled[day]["lots"]]
    late = set(window[-HALF:])
    lately = sum(day in late for day in traded)
    earlier = len(traded) - lately
    idle = len(window) - 1 - window.index(traded[-1]) if traded else None
    commission = sum(row["commission"] for row in rows)
    closes = [c for c in closed if c["day"] in window]
    lots = sum(c["lots"] for c in closes)
    intraday = [c for c in closes if c["opened"] == c["day"]]
    share = ratio(sum(c["lots"] for c in intraday), lots)
    mine = sum(c["profit"] for c in intraday)
    others = sum(c["profit"] for c in closes if c["opened"] != c["day"])
    average = Decimal(sum(row["equity"] for row in rows)) / len(rows)
    left = sum(row["withdrawal"] - row["deposit"] for row in rows)
    recency = 1 if idle is None else 1 + sum(idle <= most for most in (1, 5, 10, 20))
    frequency = points(len(traded), (15, 10, 5, 1))
    monetary = points(commission, (5_000_000, 1_000_000, 200_000, 1))
    risk = 30 * ((len(rows) if idle is None else idle) >= 10)
    risk += 20 * (earlier > 0 and lately * 2 <= earlier)
    risk += 25 * (average > 0 and now["equity"] * 2 <= average)
    risk += 25 * (base > 0 and left * 10 >= base * 3)
    return {
        "equity": now["equity"],
        "average_equity": int(average.quantize(Decimal(1), ROUND_HALF_UP)),
        "profit": made,
        "commission": commission,
        "net_deposit": -left,
        "return_rate": ratio(made, base),
        "drawdown_rate": ratio(fall, base),
        "margin_use": ratio(now["margin"], now["equity"]),
        "traded_lots": sum(row["lots"] for row in rows),
        "traded_days": len(traded),
        "idle_days": idle,
        "close_today_ratio": share,
        "style": None
        if share is None
        else "intraday"
        if share >= Decimal("0.7")
        else "trend"
        if share <= Decimal("0.3")
        else "mixed",
        "suits": "intraday"
        if mine > max(others, 0)
        else "trend"
        if others > max(mine, 0)
        else None,
        "recency": recency,
        "frequency": frequency,
        "monetary": monetary,
        "tier": points(recency + frequency + monetary, (13, 10, 7, 5)),
        "churn_points": risk,
        "churn": "high" if risk >= 60 else "middle" if risk >= 30 else "low",
        "size": "large"
        if now["equity"] >= 5_000_000_000
        else "middle"
        if now["equity"] >= 500_000_000
        else "small",
    }
