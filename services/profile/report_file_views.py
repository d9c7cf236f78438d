"""What is asked and answered about the reports that nights have made."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from services.profile.pages import Page
from services.profile.report_scope import PATTERN
from services.profile.view import View


class FileView(View):
    """报表文件 — ``trading_day``: the last of its period.

    ``complete``: every day of the period was closed when it was made. ``superseded``: there is a
    later revision.
    """

    file: UUID
    kind: str
    period: str
    unit: str
    format: str
    revision: int
    trading_day: date
    complete: bool
    superseded: bool
    size: int = Field(description="bytes")
    sha256: str
    made_at: datetime
    kept_until: date


class Files(Page):
    """Which files; ``all``: the revisions that are superseded too."""

    kind: str | None = Field(default=None, max_length=40)
    period: str | None = Field(default=None, max_length=10, description="2026-06-01, 2026-06, 2026")
    unit: str | None = Field(default=None, max_length=80, pattern=PATTERN)
    all: bool = False


def in_words(asked: Mapping[str, Any]) -> str:
    """Return which files are asked for, as the audit says it."""
    named = [f"{name}={asked[name]}" for name in ("kind", "period", "unit") if asked.get(name)]
    return " ".join([*named, *(["superseded too"] if asked["all"] else [])]) or "newest"
