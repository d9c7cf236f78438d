"""What mot must be told; read once, in ``__main__``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.mot.agent import LetterLimit
from services.mot.rules import SHIPPED
from shared.calendars import CalendarFile
from shared.settings import HttpSettings, KafkaSettings, ValkeySettings

GROUP = "mot"
"""The consumer group of all workers, under which Kafka keeps mot's commits."""


class Settings(BaseSettings):
    """``MOT_KAFKA__BROKERS``, ``MOT_VALKEY__URL``, ``MOT_HTTP__PORT``, ``MOT_DATA_FOLDER`` …

    ``session_timeout`` (seconds): after how long the group gives a dead worker's partitions away.
    ``instance_id``: a name that stays with this worker over restarts (KIP-345): after a kill it has
    its partitions back at once. No two live workers may share one.
    ``stall_seconds``: a process ends itself when for so long its loop or feed has not turned, or a
    partition has records waiting and none done; more than a rebalance takes.
    ``dead_letters``: beyond both ``letters`` and ``share`` of a partition's last ``records`` the
    worker stops, exit code 65.
    ``calendar``: a file that changes or extends the trading calendar, the same for all services.
    ``data_folder`` is Faust's own; nothing of ours is kept there.
    """

    model_config = SettingsConfigDict(
        env_prefix="MOT_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    kafka: KafkaSettings
    valkey: ValkeySettings
    http: HttpSettings
    data_folder: Path
    rules: Path = SHIPPED
    calendar: CalendarFile = None
    session_timeout: float = 10.0
    instance_id: str | None = None
    stall_seconds: float = Field(default=30.0, gt=0)
    dead_letters: LetterLimit = LetterLimit()
