"""指标 — one row an account settled on the day. The formulas: docs/profile/indicators.md."""

from functools import cache
from pathlib import Path

import yaml
from sqlalchemy import text

from services.profile.adapters.results import CAME, MADE, MOVED, WENT
from services.profile.domain.indicators import Parameters
from services.profile.night import Night, Step

SHIPPED = Path(__file__).parents[1] / "indicators.yaml"

_WINDOW = text(
    """
    CREATE TEMPORARY TABLE window_days ON COMMIT DROP AS
    SELECT trading_day, row_number() OVER (ORDER BY trading_day DESC) AS back
    FROM nights WHERE broker = :broker AND trading_day <= :day
    ORDER BY trading_day DESC LIMIT :window
    """
)
_CLEAR = text(
    """
    DELETE FROM indicators WHERE broker = :broker AND (trading_day = :day OR trading_day < (
        SELECT min(trading_day) FROM (
            SELECT trading_day FROM nights WHERE broker = :broker
            ORDER BY trading_day DESC LIMIT :kept) AS kept_days))
    """
)
_DAYS = f"""
    moved AS MATERIALIZED ({MOVED.format(days="IN (SELECT trading_day FROM window_days)")}),
    days AS MATERIALIZED (
        SELECT d.account, d.trading_day, w.back, d.opening_equity, d.equity, d.margin,
            coalesce(d.commission, 0) AS commission, {CAME} AS deposit, {WENT} AS withdrawal,
            coalesce(d.traded_lots, 0) AS lots, {MADE} AS profit
        FROM account_days d JOIN window_days w USING (trading_day)
            LEFT JOIN moved m USING (account, trading_day)
        WHERE d.broker = :broker AND d.trading_day <= :day
    )
"""  # noqa: S608 our own words
_COMPUTE = text(
    f"""
    WITH {_DAYS}, running AS (
        SELECT account, trading_day,
            sum(profit) OVER behind AS made
        FROM days WINDOW behind AS (PARTITION BY account ORDER BY trading_day)
    ), falls AS (
        SELECT account, max(peak - made) AS fall FROM (
            SELECT account, made,
                greatest(0, max(made) OVER (PARTITION BY account ORDER BY trading_day)) AS peak
            FROM running) AS peaks
        GROUP BY account
    ), sums AS (
        SELECT account, (array_agg(opening_equity ORDER BY trading_day))[1] AS opened,
            sum(equity) / count(*) AS average_equity, count(*) AS settled,
            CASE WHEN count(profit) = count(*) THEN sum(profit) END AS profit,
            sum(commission) AS commission, sum(deposit) AS deposit, sum(withdrawal) AS withdrawal,
            sum(lots) AS lots, count(*) FILTER (WHERE lots > 0) AS traded,
            count(*) FILTER (WHERE lots > 0 AND back <= :half) AS lately,
            count(*) FILTER (WHERE lots > 0 AND back > :half) AS before,
            min(back) FILTER (WHERE lots > 0) - 1 AS idle
        FROM days GROUP BY account
    ), closed AS (
        SELECT c.account, sum(c.lots) AS lots,
            coalesce(sum(c.lots) FILTER (WHERE c.opened_on = c.trading_day), 0) AS today,
            sum(c.profit_tbt) FILTER (WHERE c.opened_on = c.trading_day) AS today_profit,
            sum(c.profit_tbt) FILTER (WHERE c.opened_on < c.trading_day) AS other_profit
        FROM close_outs c JOIN window_days w USING (trading_day)
        WHERE c.broker = :broker AND NOT c.cancelled AND c.opened_on IS NOT NULL
        GROUP BY c.account
    ), figures AS (
        SELECT t.account, t.equity, s.average_equity::bigint AS average_equity,
            s.profit::bigint AS profit, s.commission::bigint AS commission,
            (s.deposit - s.withdrawal)::bigint AS net_deposit,
            round(s.profit / nullif(greatest(s.opened + s.deposit, 0), 0), 6) AS return_rate,
            CASE WHEN s.profit IS NOT NULL THEN
                round(f.fall / nullif(greatest(s.opened + s.deposit, 0), 0), 6)
            END AS drawdown_rate,
            round(t.margin::numeric / nullif(greatest(t.equity, 0), 0), 6) AS margin_use,
            s.lots AS traded_lots, s.traded::integer AS traded_days, s.idle::integer AS idle_days,
            s.settled, s.lately, s.before, c.lots AS closed_lots, c.today AS closed_today_lots,
            round(c.today::numeric / nullif(c.lots, 0), 6) AS close_today_ratio,
            c.today_profit::bigint AS close_today_profit,
            c.other_profit::bigint AS close_other_profit,
            greatest(s.opened + s.deposit, 0) AS base, s.withdrawal - s.deposit AS left_with
        FROM days t JOIN sums s USING (account) JOIN falls f USING (account)
            LEFT JOIN closed c USING (account)
        WHERE t.trading_day = :day
    ), scored AS (
        SELECT *,
            1 + (SELECT count(*) FROM unnest(CAST(:recency AS integer[])) AS most
                 WHERE idle_days <= most) AS recency,
            1 + (SELECT count(*) FROM unnest(CAST(:frequency AS integer[])) AS least
                 WHERE traded_days >= least) AS frequency,
            1 + (SELECT count(*) FROM unnest(CAST(:monetary AS bigint[])) AS least
                 WHERE commission >= least) AS monetary,
            CASE WHEN coalesce(idle_days, settled) >= :idle_days THEN :idle_points ELSE 0 END
            + CASE WHEN before > 0 AND lately <= CAST(:fading_share AS numeric) * before
                THEN :fading_points ELSE 0 END
            + CASE WHEN average_equity > 0
                AND equity <= CAST(:shrinking_share AS numeric) * average_equity
                THEN :shrinking_points ELSE 0 END
            + CASE WHEN base > 0 AND left_with >= CAST(:leaving_share AS numeric) * base
                THEN :leaving_points ELSE 0 END AS points
        FROM figures
    )
    INSERT INTO indicators (
        broker, account, trading_day, equity, average_equity, profit, commission, net_deposit,
        return_rate, drawdown_rate, margin_use, traded_lots, traded_days, idle_days, closed_lots,
        closed_today_lots, close_today_ratio, close_today_profit, close_other_profit, style,
        suits, recency, frequency, monetary, tier, churn_points, churn, size, activity, is_new
    )
    SELECT :broker, s.account, :day, s.equity, s.average_equity, s.profit, s.commission,
        s.net_deposit, s.return_rate, s.drawdown_rate, s.margin_use, s.traded_lots, s.traded_days,
        s.idle_days, s.closed_lots, s.closed_today_lots, s.close_today_ratio, s.close_today_profit,
        s.close_other_profit,
        CASE WHEN s.close_today_ratio >= CAST(:intraday_from AS numeric) THEN 'intraday'
            WHEN s.close_today_ratio <= CAST(:trend_to AS numeric) THEN 'trend'
            WHEN s.close_today_ratio IS NOT NULL THEN 'mixed' END,
        CASE WHEN coalesce(s.close_today_profit, 0) > greatest(coalesce(s.close_other_profit, 0), 0)
                THEN 'intraday'
            WHEN coalesce(s.close_other_profit, 0) > greatest(coalesce(s.close_today_profit, 0), 0)
                THEN 'trend' END,
        s.recency, s.frequency, s.monetary,
        1 + (SELECT count(*) FROM unnest(CAST(:tiers AS integer[])) AS least
             WHERE s.recency + s.frequency + s.monetary >= least),
        least(s.points, 100),
        CASE WHEN s.points >= :churn_high THEN 'high' WHEN s.points >= :churn_middle THEN 'middle'
            ELSE 'low' END,
        CASE WHEN s.equity >= :large THEN 'large' WHEN s.equity >= :middling THEN 'middle'
            ELSE 'small' END,
        CASE WHEN r.dormant THEN 'dormant' WHEN s.traded_lots >= :key_lots THEN 'key'
            WHEN s.traded_days >= :active_days THEN 'active' ELSE 'normal' END,
        :day - coalesce(b.opened_on, r.opened_on) <= :new_days
    FROM scored s
    LEFT JOIN registrations r ON r.broker = :broker AND r.account = s.account
    LEFT JOIN baselines b ON b.broker = :broker AND b.account = s.account
    """  # noqa: S608 our own words
)


@cache
def parameters() -> Parameters:
    """Return the parameters as they are shipped."""
    return Parameters.model_validate(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))


async def run(night: Night) -> int:
    """Compute the day's indicators anew."""
    values = parameters().values
    await night.run(_WINDOW, window=values["window"])
    await night.run(_CLEAR, kept=values["kept"])
    return await night.run(_COMPUTE, **{k: v for k, v in values.items() if k != "kept"})


STEP = Step("indicators", run, version=parameters().version)
