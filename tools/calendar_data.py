"""Write ``shared/kernel/calendar.json`` from exchange-calendars' XSHG (the futures exchanges share it).

An evening before a statutory holiday has no night session: those are the trading days after which
a weekday is closed. Run by ``make calendar``; the file is committed, the package is not needed to run.
"""  # noqa: E501

import json
from datetime import date, timedelta
from pathlib import Path

import exchange_calendars

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
TARGET = Path(__file__).parents[1] / "shared" / "kernel" / "calendar.json"


def main() -> None:
    """Write the file; the version names the package release that the days come from."""
    sessions = exchange_calendars.get_calendar("XSHG", start=str(FIRST), end=str(LAST)).sessions
    open_days = {session.date() for session in sessions}
    every = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    closed = [day for day in every if day.weekday() < 5 and day not in open_days]  # noqa: PLR2004
    # 1 January is a statutory holiday of every year, so the last covered evening has no night.
    no_night = {max(d for d in open_days if d < day) for day in closed if day > min(open_days)}
    no_night.add(max(open_days))
    content = {
        "version": f"xshg-{exchange_calendars.__version__}-{LAST:%Y%m%d}",
        "first": FIRST.isoformat(),
        "last": LAST.isoformat(),
        "closed": [day.isoformat() for day in closed],
        "no_night": sorted(day.isoformat() for day in no_night),
    }
    TARGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
