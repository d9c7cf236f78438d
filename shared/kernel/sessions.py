"""交易时段 — when the exchanges trade, in Asia/Shanghai; the widest hours of any product.

Day: 09:00–10:15, 10:30–11:30, 13:30–15:00. Night: 21:00–02:30, on evenings before a trading day
that has a night session (the evenings before statutory holidays have none).
"""

from datetime import datetime, time, timedelta

from shared.kernel.trading_day import CHINA, Calendar

DAY_SEGMENTS = (
    (time(9, 0), time(10, 15)),
    (time(10, 30), time(11, 30)),
    (time(13, 30), time(15, 0)),
)
NIGHT_BEGIN, NIGHT_END = time(21, 0), time(2, 30)


def segment_start(moment: datetime, calendar: Calendar) -> datetime | None:
    """Return when the trading segment that holds the moment began; None outside trading hours.

    >>> from shared.kernel.trading_day import china
    >>> segment_start(datetime(2026, 6, 1, 10, 31, tzinfo=CHINA), china()).strftime("%H:%M")
    '10:30'
    >>> segment_start(datetime(2026, 5, 30, 1, 0, tzinfo=CHINA), china()).isoformat()
    '2026-05-29T21:00:00+08:00'
    >>> segment_start(datetime(2026, 6, 1, 12, 0, tzinfo=CHINA), china())
    """
    local = moment.astimezone(CHINA)
    clock, today = local.time(), local.date()
    if clock >= NIGHT_BEGIN or clock < NIGHT_END:
        evening = today if clock >= NIGHT_BEGIN else today - timedelta(days=1)
        trades = calendar.is_trading_day(evening)
        night = trades and evening not in calendar.no_night
        return datetime.combine(evening, NIGHT_BEGIN, CHINA) if night else None
    if not calendar.is_trading_day(today):
        return None
    begun = (begin for begin, end in DAY_SEGMENTS if begin <= clock < end)
    return next((datetime.combine(today, begin, CHINA) for begin in begun), None)
