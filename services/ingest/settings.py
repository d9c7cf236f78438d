"""What ingest must be told; read once, in ``__main__``."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ingest.adapters.columns import ColumnsFile
from services.ingest.counter_settings import CtpSettings, CtpTraderSettings
from services.ingest.domain.refusal_limit import RefusalLimit
from services.ingest.pull_settings import PullSettings
from shared.calendars import CalendarFile
from shared.contracts.event import Code
from shared.contracts.topics import PARTITIONS
from shared.settings import HttpSettings, KafkaSettings, PostgresSettings, TokenSettings


class Settings(BaseSettings):
    """Environment names start with ``INGEST_``; nested ones are joined by ``__``.

    ``clock``: ``wall`` ticks each minute by itself, ``source`` waits for posted ticks.
    ``field_keys``: key id → base64 of 32 bytes, the first one seals. ``index_keys``: the same for
    the blind index of persons; without one their files are refused.
    ``closing``: the kinds of a
    day's files after which the day is closed. ``backlog_limit``: records waiting for Kafka beyond
    which posts are put off. ``conflate``: posted snapshots that do not matter wait for the minute.
    ``rehearsal_days``, ``rehearsal_sources``: when, and from whom, everything is a rehearsal.
    ``retention_days``: what is older is forgotten, but for files and directories.
    ``profiles``: the folder of the broker's own file profiles. ``columns``: a file that says the
    columns of the broker's CFMMC files where they are not the shipped ones. ``pulls``: name → what
    is pulled from a broker's database. ``lanes``: relays that share the partitions. ``calendar``: a
    file that
    changes or extends the trading calendar, the same for all services. ``refusals``: when a source
    is stopped, and a file refused whole, instead of burying everything.
    """

    model_config = SettingsConfigDict(
        env_prefix="INGEST_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings
    postgres: PostgresSettings
    http: HttpSettings
    broker: Code
    drop_folder: Path
    calendar: CalendarFile = None
    refusals: RefusalLimit = RefusalLimit()
    clock: Literal["wall", "source"] = "wall"
    field_keys: dict[str, SecretStr] = Field(min_length=1)
    index_keys: dict[str, SecretStr] = Field(default_factory=dict)
    push_key: SecretStr = Field(min_length=1)
    tokens: TokenSettings | None = None
    closing: frozenset[str] = frozenset({"fundchg", "cusfund"})
    file_rest_seconds: PositiveFloat = 1.0
    sweep_seconds: PositiveFloat = 0.5
    backlog_limit: PositiveInt = 1_000_000
    conflate: bool = True
    rehearsal_days: frozenset[date] = frozenset()
    rehearsal_sources: frozenset[str] = frozenset()
    retention_days: int = Field(default=90, ge=30)
    lanes: PositiveInt = Field(default=1, le=PARTITIONS)
    profiles: Path | None = None
    columns: ColumnsFile = None
    pulls: dict[str, PullSettings] = Field(default_factory=dict)
    ctp: CtpSettings | None = None
    ctp_trader: CtpTraderSettings | None = None
