"""The calendar that the synthetic broker lives by: ``SYNTHETIC_CALENDAR``, else the shipped one."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.calendars import calendar_at
from shared.kernel.trading_day import Calendar


class _Told(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SYNTHETIC_", frozen=True)

    calendar: Path | None = None


def calendar_in_use() -> Calendar:
    """Return it; raises ``WrongCalendar``."""
    return calendar_at(_Told().calendar)
