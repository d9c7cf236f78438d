"""What profile must be told; read from the environment once, in ``__main__``."""

from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import Field, PositiveInt, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profile.domain.finder import Finder
from services.profile.domain.letter_limit import LetterLimit
from services.profile.margin_book import read_rates
from services.profile.permission_book import read_conditions
from services.profile.report_plan import read_plan
from services.profile.visit_book import read_visits
from services.profile.visit_question_book import read_questions
from shared.blind_index import BlindIndex
from shared.calendars import CalendarFile
from shared.contracts.event import Code
from shared.crypto import FieldCipher
from shared.kernel.money import Money
from shared.settings import HttpSettings, KafkaSettings, PostgresSettings, TokenSettings

CHURN_FLOOR = Decimal(1000)
"""元 — the equity up to which CFMMC's circular on dormant accounts takes an account for empty."""


class Settings(BaseSettings):
    """``PROFILE_…``, nested names joined by two underscores.

    ``field_keys`` and ``index_keys`` are those of ingest, which seals and indexes the clients.
    ``dead_letters``: beyond both ``letters`` and ``share`` of the last ``records`` it stops, exit
    code 65.
    """

    model_config = SettingsConfigDict(
        env_prefix="PROFILE_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings
    postgres: PostgresSettings
    http: HttpSettings
    broker: Code
    field_keys: dict[str, SecretStr] = Field(
        description="key id → base64 of 32 bytes; as ingest's", min_length=1
    )
    index_keys: dict[str, SecretStr] = Field(
        description="key id → base64 of the blind index's key; as ingest's", min_length=1
    )
    tokens: TokenSettings | None = None
    instance_id: str | None = Field(
        default=None, description="stable name of this worker: it takes over from itself at once"
    )
    dead_letters: LetterLimit = LetterLimit()
    calendar: CalendarFile = None
    permission_rules: Path | None = Field(
        default=None, description="the conditions of special permissions, instead of the shipped"
    )
    nights: PositiveInt = Field(
        default=30, description="so many of the newest trading days are computed, and anew"
    )
    margin_rates: Path | None = Field(
        default=None, description="what the company changes in the margin rates that are shipped"
    )
    visit_rules: Path | None = Field(
        default=None, description="the rules of return visits, instead of the shipped"
    )
    visit_questions: Path | None = Field(
        default=None, description="the questionnaire of return visits, instead of the shipped"
    )
    report_plan: Path | None = Field(
        default=None, description="the reports of every night, instead of the shipped"
    )
    churn_floor: Money = Field(
        default=CHURN_FLOOR, description="yuan: with less a client counts as gone, in the reports"
    )

    @model_validator(mode="after")
    def _keys_are_keys(self) -> Self:
        try:
            self.finder  # noqa: B018 it is made to see that it can be
        except ValueError:
            raise ValueError("a key of field_keys or index_keys does not fit") from None
        return self

    @model_validator(mode="after")
    def _rates_can_be_read(self) -> Self:
        try:
            read_rates(self.margin_rates)
            read_conditions(self.permission_rules)
            read_visits(self.visit_rules)
            read_plan(self.report_plan)
            read_questions(self.visit_questions)
        except OSError as error:
            raise ValueError(f"a file of rates or rules: {type(error).__name__}") from None
        return self

    @property
    def finder(self) -> Finder:
        """What makes and asks the blind indexes."""
        return finder_of(self.field_keys, self.index_keys)


def finder_of(field_keys: dict[str, SecretStr], index_keys: dict[str, SecretStr]) -> Finder:
    """Return what makes and asks the blind indexes; raises ``ValueError`` for a wrong key."""
    return Finder(FieldCipher(_clear(field_keys)), BlindIndex(_clear(index_keys)))


def _clear(keys: dict[str, SecretStr]) -> dict[str, str]:
    return {kid: key.get_secret_value() for kid, key in keys.items()}
