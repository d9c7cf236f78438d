"""一天的结果 — what came, went and was made on an account's day, whichever source tells it.

A settlement that leaves out deposits and profit, as 监控中心's does, leaves them to the movements
and to the equities: nothing that is known counts as zero, nor does what is not known.
"""

MOVED = """
    SELECT f.account, f.trading_day,
           sum(CASE f.direction WHEN 'deposit' THEN f.amount
               WHEN 'deposit-reversed' THEN -f.amount ELSE 0 END) AS came,
           sum(CASE f.direction WHEN 'withdrawal' THEN f.amount
               WHEN 'withdrawal-reversed' THEN -f.amount ELSE 0 END) AS went
    FROM flows f
    WHERE f.broker = :broker AND f.currency = 'CNY' AND f.trading_day {days}
    GROUP BY f.account, f.trading_day
"""
"""The movements ``m`` of accounts by day; ``{days}``: which days."""
CAME = "coalesce(d.deposit, m.came, 0)"
WENT = "coalesce(d.withdrawal, m.went, 0)"
MADE = f"""
    CASE WHEN d.close_profit IS NOT NULL AND d.position_profit IS NOT NULL
         THEN d.close_profit + d.position_profit - coalesce(d.commission, 0)
         ELSE d.equity - d.opening_equity - {CAME} + {WENT} END
"""
"""Of a settled day ``d`` with its movements ``m``: 净盈亏, fees taken off; null: not known."""
