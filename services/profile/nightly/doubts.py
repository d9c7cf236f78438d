"""存疑 — of how many accounts something is missing on the day, so that no figure stands unsaid."""

from sqlalchemy import text

from services.profile.adapters.results import MADE, MOVED
from services.profile.night import Night, Step
from shared.kernel.trading_day import TradingDay

_CLEAR = text("DELETE FROM night_doubts WHERE broker = :broker AND trading_day = :day")
_COUNT = text(
    f"""
    WITH moved AS ({MOVED.format(days="= :day")})
    INSERT INTO night_doubts (broker, trading_day, doubt, accounts)
    SELECT :broker, :day, 'result', count(*) FROM account_days d
    LEFT JOIN moved m ON m.account = d.account AND m.trading_day = d.trading_day
    WHERE d.broker = :broker AND d.trading_day = :day AND ({MADE}) IS NULL
    UNION ALL
    SELECT :broker, :day, 'settlement', count(*) FROM account_days b
    LEFT JOIN registrations g ON g.broker = b.broker AND g.account = b.account
    WHERE b.broker = :broker AND b.trading_day = :before
      AND (g.closed_on IS NULL OR g.closed_on > :day) AND g.status IS DISTINCT FROM 'closed'
      AND NOT EXISTS (SELECT FROM account_days d WHERE d.broker = :broker
                      AND d.account = b.account AND d.trading_day = :day)
    """  # noqa: S608 our own words
)


async def run(night: Night) -> int:
    """Count the day's doubts; return how many kinds are counted."""
    await night.run(_CLEAR)
    before = night.calendar.before(TradingDay(night.day), 1)
    return await night.run(_COUNT, before=before)


STEP = Step("doubts", run)
