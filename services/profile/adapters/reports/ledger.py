"""一账户一行 — what every report sums: each account in scope with its figures of the period.

Bound: ``:first`` and ``:through`` (the days), ``:begin`` (the date behind the period before: what
is of no trading day counts to the next one), ``:closed_days`` (how many of the days are closed),
``:opening`` (the first that is).
``{conditions}`` says whose accounts; they belong to whom they belong now.
"""

from services.profile.adapters.results import CAME, MADE, MOVED, WENT

MINE = """
mine AS (
    SELECT r.account, r.customer_id, r.manager_id, r.branch_id,
           coalesce(g.opened_on, b.opened_on) AS opened_on, g.closed_on
    FROM relations r
    LEFT JOIN registrations g ON g.broker = r.broker AND g.account = r.account
    LEFT JOIN baselines b ON b.broker = r.broker AND b.account = r.account
    WHERE r.broker = :broker AND {conditions}
)
"""
_DAYS = "BETWEEN :first AND :through AND f.account IN (SELECT account FROM mine)"
SUMS = f"""
moved AS ({MOVED.format(days=_DAYS)}),
days AS (
    SELECT d.account, sum(d.equity) AS equity_days,
           sum(d.opening_equity) FILTER (WHERE d.trading_day = :opening) AS opening,
           sum(d.equity) FILTER (WHERE d.trading_day = :through) AS equity,
           sum({CAME}) AS deposits, sum({WENT}) AS withdrawals,
           sum(d.traded_lots) AS lots, sum(d.commission) AS fees,
           sum({MADE}) AS profit,
           bool_or(d.margin > 0 AND d.margin >= d.equity)
               FILTER (WHERE d.trading_day = :through) AS at_risk,
           bool_or(d.available < 0) FILTER (WHERE d.trading_day = :through) AS overdrawn
    FROM account_days d JOIN mine ON mine.account = d.account
    LEFT JOIN moved m ON m.account = d.account AND m.trading_day = d.trading_day
    WHERE d.broker = :broker AND d.trading_day BETWEEN :first AND :through
    GROUP BY d.account
),
charged AS (
    SELECT f.account, sum(CASE WHEN f.cancelled THEN -f.amount ELSE f.amount END) AS other_fees
    FROM fees f JOIN mine m ON m.account = f.account
    WHERE f.broker = :broker AND f.trading_day BETWEEN :first AND :through
    GROUP BY f.account
),
forced AS (
    SELECT o.account, count(*) AS forced_orders
    FROM forced_orders o JOIN mine m ON m.account = o.account
    WHERE o.broker = :broker AND o.trading_day BETWEEN :first AND :through
    GROUP BY o.account
),
alerted AS (
    SELECT a.account, count(*) AS alerts,
           count(*) FILTER (WHERE EXISTS (SELECT FROM tellings t
               WHERE t.alert_id = a.alert_id AND t.outcome = 'sent')) AS told,
           count(*) FILTER (WHERE EXISTS (SELECT FROM replies y
               WHERE y.alert_id = a.alert_id AND y.kind IN ('contacted', 'false-alarm'))) AS handled
    FROM alerts a JOIN mine m ON m.account = a.account
    WHERE a.broker = :broker AND a.trading_day BETWEEN :first AND :through
      AND a.state <> 'withdrawn'
    GROUP BY a.account
)
"""  # noqa: S608 our own words
LEDGER = f"""
WITH {MINE}, {SUMS},
ledger AS (
    SELECT m.*, d.equity_days, d.opening, d.equity, d.deposits, d.withdrawals, d.lots, d.fees,
           d.profit, d.at_risk, d.overdrawn,
           c.other_fees, o.forced_orders, a.alerts, a.told, a.handled,
           coalesce(d.deposits, 0) - coalesce(d.withdrawals, 0) AS net_deposits,
           coalesce(m.opened_on <= :through, true) AND coalesce(m.closed_on > :through, true)
             AS open,
           coalesce(m.opened_on BETWEEN :begin AND :through, false) AS opened,
           coalesce(m.closed_on BETWEEN :begin AND :through, false) AS closed
    FROM mine m
    LEFT JOIN days d ON d.account = m.account
    LEFT JOIN charged c ON c.account = m.account
    LEFT JOIN forced o ON o.account = m.account
    LEFT JOIN alerted a ON a.account = m.account
)
"""  # noqa: S608 our own words
MONEY = """
    sum(l.equity) AS equity,
    round(sum(l.equity_days) / :closed_days) AS average_equity,
    sum(l.deposits) AS deposits, sum(l.withdrawals) AS withdrawals,
    sum(l.net_deposits) AS net_deposits, sum(l.lots) AS lots, sum(l.fees) AS fees,
    sum(l.other_fees) AS other_fees, sum(l.profit) AS profit,
    round(sum(l.profit)
        / nullif(coalesce(sum(l.opening), 0) + coalesce(sum(l.deposits), 0), 0), 4) AS yield
"""
COUNTS = """
    count(DISTINCT l.customer_id) FILTER (WHERE l.open) AS clients,
    count(*) FILTER (WHERE l.open) AS accounts,
    count(*) FILTER (WHERE l.opened) AS new_accounts,
    count(*) FILTER (WHERE l.closed) AS closed_accounts,
    count(*) FILTER (WHERE l.at_risk) AS at_risk,
    count(*) FILTER (WHERE l.overdrawn) AS overdrawn,
    coalesce(sum(l.forced_orders), 0) AS forced_orders,
    coalesce(sum(l.alerts), 0) AS alerts, coalesce(sum(l.told), 0) AS told,
    coalesce(sum(l.handled), 0) AS handled
"""
