"""死信限度 — when everything is unreadable, stop instead of burying it all."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class LetterLimit(BaseModel):
    """Beyond both ``letters`` and ``share`` of about the last ``records`` the service stops."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letters: PositiveInt = 50
    share: float = Field(default=0.1, gt=0, le=1)
    records: PositiveInt = 10_000


class TooManyLetters(RuntimeError):
    """A person must look who writes what cannot be read."""


@dataclass
class Tally:
    """Counts records and letters; both fade when ``records`` have been seen.

    >>> tally = Tally(LetterLimit(letters=1, share=0.5))
    >>> tally.note(records=2, letters=1)
    >>> tally.note(records=1, letters=1)
    Traceback (most recent call last):
    services.profile.domain.letter_limit.TooManyLetters: 2 of the last 3 records were unreadable
    """

    limit: LetterLimit
    records: int = field(default=0, init=False)
    letters: int = field(default=0, init=False)

    def note(self, records: int, letters: int) -> None:
        """Count; raises ``TooManyLetters``."""
        if self.records > self.limit.records:
            self.records //= 2
            self.letters //= 2
        self.records += records
        self.letters += letters
        if self.letters > max(self.limit.letters, self.limit.share * self.records):
            raise TooManyLetters(
                f"{self.letters} of the last {self.records} records were unreadable"
            )
