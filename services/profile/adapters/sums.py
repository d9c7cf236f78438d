"""合计 — money by branch, manager and client; positions by product; fees by account."""

from collections.abc import Mapping
from typing import Any

from services.profile.adapters.clients import Rows
from services.profile.adapters.records import Records
from services.profile.adapters.scope import within
from shared.web.organisation import RowScope

LEVELS: Mapping[str, str] = {
    "branch": "coalesce(r.branch_id, '')",
    "manager": "coalesce(r.manager_id, '')",
    "client": "r.customer_id",
}
"""Level of the organisation → what its rows are named by; empty: of none."""

TREE = """
WITH mine AS MATERIALIZED (
    SELECT {level} AS id, r.customer_id, r.account
    FROM relations r WHERE r.broker = :broker AND {conditions}
), people AS (
    SELECT id, count(*) AS clients FROM (SELECT DISTINCT id, customer_id FROM mine) once
    GROUP BY id
), money AS (
    SELECT m.id, count(*) AS accounts,
           CAST(sum(f.equity) AS bigint) AS equity, CAST(sum(f.available) AS bigint) AS available,
           CAST(sum(f.margin) AS bigint) AS margin,
           CAST(sum(f.deposit) FILTER (WHERE f.trading_day = today.trading_day) AS bigint)
             AS deposit,
           CAST(sum(f.withdrawal) FILTER (WHERE f.trading_day = today.trading_day) AS bigint)
             AS withdrawal,
           CAST(sum(f.commission) FILTER (WHERE f.trading_day = today.trading_day) AS bigint)
             AS commission
    FROM mine m
    LEFT JOIN live_funds f ON f.broker = :broker AND f.account = m.account
    LEFT JOIN clocks today ON today.broker = :broker
    GROUP BY m.id
)
SELECT id, clients, accounts, equity, available, margin, deposit, withdrawal, commission
FROM money JOIN people USING (id) ORDER BY id COLLATE "C" LIMIT :most
"""
"""The distinct clients are counted apart: sorting every row by them would take twice as long."""
STRUCTURE = """
SELECT x.exchange, p.product, count(DISTINCT r.customer_id) AS clients,
       coalesce(sum(x.lots) FILTER (WHERE x.side = 'long'), 0) AS long_lots,
       coalesce(sum(x.lots) FILTER (WHERE x.side = 'short'), 0) AS short_lots,
       CAST(sum(x.margin) AS bigint) AS margin, CAST(sum(x.profit_mtm) AS bigint) AS profit_mtm
FROM positions x
JOIN relations r ON r.broker = x.broker AND r.account = x.account
CROSS JOIN LATERAL (
    SELECT coalesce(substring(x.instrument FROM '^([A-Za-z]+)[0-9]'), x.instrument) AS product
) p
WHERE x.broker = :broker AND x.lots > 0 AND {conditions}
GROUP BY x.exchange, p.product ORDER BY sum(x.lots) DESC, x.exchange, p.product
"""
"""A product is the letters before the month; a combination goes by its own name."""
FEES = (
    "SELECT r.account, r.customer_id, c.display_name, r.manager_id, r.branch_id,"
    " d.commission, d.traded_lots, f.other"
    " FROM (SELECT * FROM relations r WHERE r.broker = :broker AND {conditions}"
    ' ORDER BY r.account COLLATE "C" LIMIT :most) r'
    " JOIN clients c ON c.broker = r.broker AND c.customer_id = r.customer_id"
    " CROSS JOIN LATERAL (SELECT sum(d.commission)::bigint AS commission,"
    " sum(d.traded_lots) AS traded_lots FROM account_days d WHERE d.broker = r.broker"
    " AND d.account = r.account AND d.trading_day BETWEEN :day_from AND :day_to) d"
    " CROSS JOIN LATERAL (SELECT sum(CASE WHEN f.cancelled THEN -f.amount ELSE f.amount END)"
    "::bigint AS other FROM fees f WHERE f.broker = r.broker AND f.account = r.account"
    " AND f.trading_day BETWEEN :day_from AND :day_to) f"
    ' ORDER BY r.account COLLATE "C"'
)
CONDITIONS: Mapping[str, str] = {
    "account": "r.account = :account",
    "client": "r.customer_id = :client",
    "manager": "coalesce(r.manager_id, '') = :manager",
    "branch": "coalesce(r.branch_id, '') = :branch",
    "introducing_broker": "r.introducing_broker = :introducing_broker",
    "last_id": '{level} COLLATE "C" > :last_id',
    "last_account": 'r.account COLLATE "C" > :last_account',
}
_VALUES = {"day_from", "day_to"}
"""What is asked and stands in the statement itself."""


async def summed(
    records: Records, statement: str, scope: RowScope, asked: Mapping[str, Any], level: str = ""
) -> Rows:
    """Return the rows of one of the statements; ``asked``: names of ``CONDITIONS``, and values."""
    reached = within(scope)
    expression = LEVELS.get(level, "")
    said = [CONDITIONS[name] for name in asked if name not in {*_VALUES, "most"}]
    conditions = " AND ".join([reached.sql, *said]).replace("{level}", expression)
    query = statement.format(level=expression, conditions=conditions)
    return await records.rows(query, **reached.values, **asked)
