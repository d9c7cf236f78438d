"""权限的数字 — what is known of every account on a trading day, in one statement.

``:classes`` is the classes as JSON; ``OF_SOME`` is asked with ``:accounts``. An account's
experience is its client's, over all accounts.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from services.profile.permission_book import Conditions

CLASSES = """
classes AS (
    SELECT * FROM jsonb_to_recordset(CAST(:classes AS jsonb)) AS k (
        class text, exchange text, products text[], "of" text, rank integer, funds bigint,
        codes text[], agreements text[])
)
"""
_COUNTED = """
WITH {classes}
INSERT INTO permission_orders (broker, account, trading_day, orders, opened)
SELECT t.broker, t.account, t.trading_day,
       count(DISTINCT t.exchange || ':' ||
             coalesce('o' || t.order_id, 't' || t.trade_id || t.direction)),
       array_agg(DISTINCT k.class) FILTER (WHERE k.class IS NOT NULL)
FROM trades t
LEFT JOIN classes k ON t.open_close = 'open' AND k.exchange = t.exchange
     AND (k.products = '{{}}'
          OR upper(substring(t.instrument FROM '^[A-Za-z]+')) = ANY (k.products))
     AND (k."of" = 'both' OR (k."of" = 'options') = (t.option_kind IS NOT NULL))
WHERE t.broker = :broker AND t.trading_day BETWEEN :counted_from AND :day AND NOT t.cancelled
GROUP BY t.broker, t.account, t.trading_day
"""
"""An order filled in parts is one; opening and closing are an order each. What was opened is open:
nobody may without the permission."""
ONLY = "AND {}.account = ANY (CAST(:accounts AS text[]))"
_FIGURES = """
{classes},
funds AS (
    SELECT d.account, min(d.available) AS least, count(d.available) AS days FROM account_days d
    WHERE d.broker = :broker AND d.trading_day = ANY (CAST(:days AS date[])) {d} GROUP BY d.account
),
traded AS (
    SELECT r.customer_id, sum(o.orders) AS orders,
           count(DISTINCT o.trading_day) FILTER (WHERE o.trading_day > :traded_after) AS traded_days
    FROM permission_orders o JOIN relations r USING (broker, account)
    WHERE o.broker = :broker AND o.trading_day > :orders_after AND o.trading_day <= :day {o}
    GROUP BY r.customer_id
),
told AS (
    SELECT o.account, class FROM permission_orders o CROSS JOIN LATERAL unnest(o.opened) AS class
    WHERE o.broker = :broker AND o.opened IS NOT NULL
      AND o.trading_day > :orders_after AND o.trading_day <= :day {o}
    UNION
    SELECT c.account, k.class FROM trading_codes c JOIN classes k ON c.exchange = ANY (k.codes)
    WHERE c.broker = :broker {c}
    UNION
    SELECT a.account, k.class FROM agreements a JOIN classes k ON a.kind = ANY (k.agreements)
    WHERE a.broker = :broker AND coalesce(a.starts_on, :day) <= :day
      AND coalesce(a.ends_on, :day) >= :day {a}
),
opened AS (
    SELECT t.account, array_agg(t.class) AS opened, max(k.rank) AS top_rank
    FROM told t JOIN classes k USING (class) GROUP BY t.account
),
figures AS (
    SELECT r.customer_id, r.account, r.manager_id, r.branch_id,
           f.least, coalesce(f.days, 0) AS days,
           CAST(coalesce(t.orders, 0) AS integer) AS orders,
           CAST(coalesce(t.traded_days, 0) AS integer) AS traded_days,
           bool_and(coalesce(coalesce(g.opened_on, b.opened_on) >= known.since
                             OR known.since <= CAST(:orders_after AS date) + 1, false))
             OVER (PARTITION BY r.customer_id) AS complete,
           CAST(substring(b.risk_level FROM '^[Cc]([1-5])') AS integer) AS level,
           b.risk_level_until AS level_until,
           CAST(substring(c.tags ->> CAST(:knowledge_tag AS text) FROM '^[0-9]{{1,3}}$') AS integer)
             AS score,
           starts_with(coalesce(c.tags ->> CAST(:investor_tag AS text), ''), :professional_word)
             AS professional,
           coalesce(o.opened, '{{}}') AS opened, coalesce(o.top_rank, 0) AS top_rank
    FROM relations r
    CROSS JOIN (SELECT min(trading_day) AS since FROM day_closes WHERE broker = :broker) known
    JOIN clients c ON c.broker = r.broker AND c.customer_id = r.customer_id
    LEFT JOIN registrations g ON g.broker = r.broker AND g.account = r.account
    LEFT JOIN baselines b ON b.broker = r.broker AND b.account = r.account
    LEFT JOIN funds f ON f.account = r.account
    LEFT JOIN traded t ON t.customer_id = r.customer_id
    LEFT JOIN opened o ON o.account = r.account
    WHERE r.broker = :broker AND g.status IS DISTINCT FROM 'closed' {r}
)
"""
"""Orders are all there were (``complete``) when the tables reach back as far as is asked, or to the
day the account was opened."""
COUNTED = _COUNTED.format(classes=CLASSES)
EVERYBODY = _FIGURES.format(classes=CLASSES, d="", o="", c="", a="", r="")
OF_SOME = _FIGURES.format(classes=CLASSES, **{alias: ONLY.format(alias) for alias in "docar"})

FIGURES_OF = f"WITH {OF_SOME} SELECT * FROM figures ORDER BY account"  # noqa: S608 our own words
LAST_DAY = "SELECT max(trading_day) AS day FROM permission_orders WHERE broker = :broker"


class TradingDays(Protocol):
    """The calendar, as far as it is needed."""

    def before(self, day: date, count: int = 1) -> date:
        """Return the trading day so many before."""


def values(conditions: Conditions, day: date, calendar: TradingDays) -> dict[str, Any]:
    """Return what the statements are asked with."""
    rules = conditions.rules
    told = [
        {
            "class": one.code,
            "exchange": one.exchange,
            "products": [product.upper() for product in one.products],
            "of": one.of,
            "rank": one.rank,
            "funds": one.funds,
            **conditions.classes[one.code].opened_by.model_dump(mode="json"),
        }
        for one in rules.classes
    ]
    before: Sequence[date] = [calendar.before(day, back) for back in range(1, rules.days)]
    return {
        "classes": json.dumps(told),
        "day": day,
        "days": [*before, day],
        "orders_after": years_before(day, conditions.orders_years),
        "traded_after": years_before(day, conditions.traded_years),
        "knowledge_tag": conditions.tags.knowledge,
        "investor_tag": conditions.tags.investor,
        "professional_word": conditions.tags.professional,
    }


def years_before(day: date, years: int) -> date:
    """Return the same date so many years earlier; of a 29 February the 28th.

    >>> years_before(date(2028, 2, 29), 3)
    datetime.date(2025, 2, 28)
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
