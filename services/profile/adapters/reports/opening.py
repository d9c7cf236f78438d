"""开户专题 — of the accounts opened in each month: how far they have come by the last day counted.

Who came further came through the steps before: one that trades has deposited and signed.
"""

from services.profile.adapters.reports.ledger import MINE
from services.profile.domain.report import Column, Form, Unit

STATEMENT = f"""
WITH {MINE},
came AS (
    SELECT m.account, m.opened_on,
        EXISTS (SELECT FROM bank_accounts k WHERE k.broker = :broker AND k.account = m.account
                AND k.signed AND coalesce(k.trading_day <= :through, true)) AS signed,
        EXISTS (SELECT FROM flows f WHERE f.broker = :broker AND f.account = m.account
                AND f.direction = 'deposit'
                AND f.trading_day BETWEEN m.opened_on AND :through) AS deposited,
        EXISTS (SELECT FROM account_days d WHERE d.broker = :broker AND d.account = m.account
                AND d.traded_lots > 0
                AND d.trading_day BETWEEN m.opened_on AND :through) AS traded
    FROM mine m WHERE m.opened_on BETWEEN :begin AND :through
),
counted AS (
    SELECT to_char(greatest(opened_on, :first), 'YYYY-MM') AS month, count(*) AS opened,
           count(*) FILTER (WHERE signed OR deposited OR traded) AS signed,
           count(*) FILTER (WHERE deposited OR traded) AS deposited,
           count(*) FILTER (WHERE traded) AS traded
    FROM came GROUP BY month
)
SELECT *, round(signed / opened::numeric, 4) AS signed_share,
       round(deposited / opened::numeric, 4) AS deposited_share,
       round(traded / opened::numeric, 4) AS traded_share
FROM counted ORDER BY month
"""  # noqa: S608 our own words
FORM = Form(
    "开户专题",
    (
        Column("month", "开户月", Unit.TEXT),
        Column("opened", "开户", Unit.ACCOUNTS),
        Column("signed", "签约", Unit.ACCOUNTS),
        Column("deposited", "入金", Unit.ACCOUNTS),
        Column("traded", "交易", Unit.ACCOUNTS),
        Column("signed_share", "签约率", Unit.SHARE),
        Column("deposited_share", "入金率", Unit.SHARE),
        Column("traded_share", "交易率", Unit.SHARE),
    ),
    STATEMENT,
)
