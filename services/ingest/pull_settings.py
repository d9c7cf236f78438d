"""What a pull of a broker's database must be told."""

from datetime import date
from typing import Self

from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr, model_validator

from shared.settings import Part


class PullSettings(Part):
    """One table or query of a broker's database, read by a profile. Give its user SELECT alone.

    ``url``: SQLAlchemy's, such as ``postgresql+asyncpg://…`` or ``sqlite+aiosqlite:///…``.
    ``watermark``: the column that grows with what is new; ``key``: one that no two rows of a
    watermark share. ``overlap``: how far back each round begins, in seconds or in units of a
    number. ``period_seconds``: between two rounds; after a failure it doubles up to five minutes.
    ``live_from``: rows of earlier trading days are history and alert nobody; without it the trading
    day of the pull's first batch, kept with its mark.
    """

    url: SecretStr
    profile: str = Field(min_length=1)
    query: str = ""
    table: str = Field(default="", pattern=r"^([^.\s]+\.)?[^.\s]*$")
    watermark: str = Field(min_length=1)
    key: str = Field(min_length=1)
    overlap: NonNegativeInt = 300
    period_seconds: PositiveInt = 30
    batch: PositiveInt = Field(default=1000, le=10_000)
    live_from: date | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.query) == bool(self.table):
            raise ValueError("either query or table")
        return self
