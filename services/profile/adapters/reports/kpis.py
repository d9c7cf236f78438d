"""经营指标 — who stays, who leaves, who trades again, against the period before.

Bound besides: ``:before_first`` and ``:before_last`` (the period before), ``:floor`` (厘: with less
than this a client counts as gone).
"""

from services.profile.adapters.reports.ledger import MINE
from services.profile.domain.report import Column, Form, Unit

STATEMENT = f"""
WITH {MINE},
was AS (
    SELECT m.customer_id, coalesce(bool_or(d.traded_lots > 0), false) AS traded,
           coalesce(sum(d.equity) FILTER (WHERE d.trading_day = :before_last), 0) AS equity
    FROM account_days d JOIN mine m ON m.account = d.account
    WHERE d.broker = :broker AND d.trading_day BETWEEN :before_first AND :before_last
    GROUP BY m.customer_id
),
now AS (
    SELECT m.customer_id,
           count(DISTINCT d.trading_day) FILTER (WHERE d.traded_lots > 0) AS days,
           coalesce(sum(d.equity) FILTER (WHERE d.trading_day = :through), 0) AS equity
    FROM account_days d JOIN mine m ON m.account = d.account
    WHERE d.broker = :broker AND d.trading_day BETWEEN :first AND :through
    GROUP BY m.customer_id
),
counted AS (
    SELECT count(*) FILTER (WHERE n.days > 0) AS active,
           count(*) FILTER (WHERE n.days > 1) AS again,
           count(*) FILTER (WHERE w.traded) AS active_before,
           count(*) FILTER (WHERE w.traded AND n.days > 0) AS stayed,
           count(*) FILTER (WHERE w.equity >= :floor) AS funded_before,
           count(*) FILTER (WHERE w.equity >= :floor AND coalesce(n.equity, 0) < :floor) AS gone
    FROM was w FULL JOIN now n ON n.customer_id = w.customer_id
)
SELECT *, round(stayed::numeric / nullif(active_before, 0), 4) AS retention,
       round(gone::numeric / nullif(funded_before, 0), 4) AS churn,
       round(again::numeric / nullif(active, 0), 4) AS retrade,
       NULL::numeric AS nps, NULL::bigint AS complaint_time
FROM counted
"""  # noqa: S608 our own words
FORM = Form(
    "经营指标",
    (
        Column("active", "交易客户", Unit.CLIENTS),
        Column("active_before", "上期交易客户", Unit.CLIENTS),
        Column("stayed", "其中本期仍交易", Unit.CLIENTS),
        Column("retention", "留存率", Unit.SHARE),
        Column("funded_before", "上期末有资金的客户", Unit.CLIENTS),
        Column("gone", "其中本期末已流失", Unit.CLIENTS),
        Column("churn", "流失率", Unit.SHARE),
        Column("again", "交易不止一天的客户", Unit.CLIENTS),
        Column("retrade", "复交易率", Unit.SHARE),
        Column("nps", "净推荐值 NPS", Unit.TEXT),
        Column("complaint_time", "投诉处理时长", Unit.DAYS),
    ),
    STATEMENT,
    upright=True,
    notes=("NPS、投诉处理时长还没有来源：没有问卷和工单的主题",),
)
