"""Which broker, which files, and one audited transaction: what the commands of visits share."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profile.adapters.records import Records
from services.profile.commands.places import operator, transaction
from services.profile.visit_book import VisitBook, WrongVisitRules, read_visits
from shared.calendars import CalendarFile, calendar_at
from shared.clock import WallClock
from shared.console import Refused
from shared.kernel.audit import Entry
from shared.kernel.trading_day import Calendar

Broker = Annotated[
    str | None,
    typer.Option("--broker", envvar="PROFILE_BROKER", show_envvar=False, help="期货公司 · broker"),
]


class Files(BaseSettings):
    """The files that profile itself is told to use."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_", extra="ignore", frozen=True)

    calendar: CalendarFile = None
    visit_rules: Path | None = None

    @property
    def book(self) -> VisitBook:
        """The rules in force."""
        try:
            return read_visits(self.visit_rules)
        except (WrongVisitRules, OSError) as wrong:
            raise Refused(
                f"回访规则读不了：{wrong}", "PROFILE_VISIT_RULES cannot be read"
            ) from None

    @property
    def days(self) -> Calendar:
        """The calendar in force."""
        return calendar_at(self.calendar)


@contextlib.asynccontextmanager
async def opened(dsn: str | None, broker: str | None) -> AsyncIterator[Records]:
    """Open one transaction over a broker's tables."""
    if not broker:
        raise Refused(
            "不知道是哪家公司：加 --broker，或设 PROFILE_BROKER",
            "which broker? --broker, or PROFILE_BROKER",
        )
    async with transaction(dsn) as connection:
        yield Records(connection, broker)


def entry(action: str, subject: str) -> Entry:
    """Return what the audit says of who is at the terminal."""
    return Entry(WallClock().now(), operator(), (), action, subject, uuid4().hex)
