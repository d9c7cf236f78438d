"""权限的一夜 — every account's status for every class of products on a trading day, in SQL.

A row says from which day on a status holds, and until which day, which it no longer does: only what
changes is written. A day that is told again takes back what it and the days behind it said.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.adapters.permission_figures import (
    COUNTED,
    EVERYBODY,
    TradingDays,
    values,
)
from services.profile.adapters.scope import OPEN
from services.profile.domain.permissions import Condition, Exemptions
from services.profile.permission_book import Conditions

MET: Mapping[Condition, str] = {
    Condition.FUNDS: (
        "CASE WHEN f.least < k.funds THEN false WHEN f.days >= :days_wanted THEN true END"
    ),
    Condition.KNOWLEDGE: "coalesce(f.score >= :knowledge, true)",
    Condition.EXPERIENCE: (
        "CASE WHEN f.orders >= :orders THEN true WHEN f.complete THEN false END"
    ),
    Condition.SUITABILITY: (
        "CASE WHEN f.level < :level OR f.level_until < :day THEN false"
        " WHEN f.level IS NULL OR f.level_until IS NULL THEN NULL ELSE true END"
    ),
}
"""As in ``domain.permissions``; a test with random clients compares the two."""
REASONS: Mapping[str, str] = {
    "professional": "f.professional",
    "traded": "f.traded_days >= :traded_days",
    "same": "f.top_rank >= k.rank",
}
STATUS = """
SELECT f.account, k.class AS product_class,
       CASE WHEN k.class = ANY (f.opened) THEN 'open' WHEN {all} THEN 'eligible'
            WHEN NOT ({all}) THEN 'not-met' ELSE 'unknown' END AS status
FROM figures f CROSS JOIN classes k
"""
FORGET = (
    "DELETE FROM permission_orders WHERE broker = :broker AND trading_day = :day",
    "DELETE FROM permissions WHERE broker = :broker AND trading_day >= :day",
    "UPDATE permissions SET until = NULL WHERE broker = :broker AND until >= :day",
)
COUNTED_BEFORE = (
    "SELECT max(trading_day) AS day FROM permission_orders WHERE broker = :broker"
    " AND trading_day < :day"
)
NOW = (
    "DROP TABLE IF EXISTS pg_temp.tonight",
    "CREATE TEMPORARY TABLE tonight (account text, product_class text, status text) ON COMMIT DROP",
)
FRESH = "INSERT INTO tonight WITH {figures} {status}"
ENDED = (
    "UPDATE permissions p SET until = :day WHERE p.broker = :broker AND p.until IS NULL"
    " AND NOT EXISTS (SELECT FROM tonight n WHERE n.account = p.account"
    " AND n.product_class = p.product_class AND n.status = p.status)"
)
BEGUN = (
    "INSERT INTO permissions (broker, account, product_class, trading_day, status, became)"
    " SELECT CAST(:broker AS text), n.account, n.product_class, CAST(:day AS date), n.status,"
    " EXISTS (SELECT FROM permissions p WHERE p.broker = :broker"
    " AND p.account = n.account AND p.product_class = n.product_class)"
    " FROM tonight n WHERE NOT EXISTS (SELECT FROM permissions p WHERE p.broker = :broker"
    " AND p.account = n.account AND p.product_class = n.product_class AND p.until IS NULL)"
)
BECAME = (
    "SELECT r.customer_id, p.account,"  # noqa: S608 our own words
    " array_agg(p.product_class ORDER BY p.product_class)"
    " AS classes FROM permissions p JOIN relations r USING (broker, account)"
    " WHERE p.broker = :broker AND p.trading_day = :day AND p.became AND p.status = 'eligible'"
    f" AND {OPEN.format(of='r')}"
    " GROUP BY r.customer_id, p.account ORDER BY r.customer_id, p.account"
)


class Became(NamedTuple):
    """Whom a day made eligible, and for which classes."""

    customer_id: str
    account: str
    classes: Sequence[str]


async def evaluate(
    connection: AsyncConnection,
    broker: str,
    day: date,
    calendar: TradingDays,
    conditions: Conditions,
) -> list[Became]:
    """Write a day's changes; return who became eligible: whose first evaluation it is did not."""
    rules = conditions.rules
    asked = {"broker": broker, **values(conditions, day, calendar)}
    for statement in FORGET:
        await connection.execute(text(statement), asked)
    before = await connection.scalar(text(COUNTED_BEFORE), asked)
    asked["counted_from"] = day if before else asked["orders_after"]
    await connection.execute(text(COUNTED), asked)
    for statement in NOW:
        await connection.execute(text(statement))
    thresholds = {
        "days_wanted": rules.days,
        "knowledge": rules.knowledge,
        "orders": rules.orders,
        "level": rules.level,
        "traded_days": rules.traded_days,
    }
    await connection.execute(text(statuses(rules.exempts)), {**asked, **thresholds})
    await connection.execute(text("ANALYZE tonight"))
    await connection.execute(text(ENDED), asked)
    await connection.execute(text(BEGUN), asked)
    return [Became(**row) for row in (await connection.execute(text(BECAME), asked)).mappings()]


def statuses(exempts: Exemptions) -> str:
    """Return the statement that evaluates everybody."""
    every = " AND ".join(f"({_unless(one, exempts)})" for one in MET)
    return FRESH.format(figures=EVERYBODY, status=STATUS.format(all=every))


def _unless(condition: Condition, exempts: Exemptions) -> str:
    reasons = [sql for name, sql in REASONS.items() if condition in exempts.get(name, ())]
    return " OR ".join([*reasons, f"({MET[condition]})"])
