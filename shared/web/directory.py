"""通讯录 — who the broker's people are: by their tokens, and in the organisation."""

from datetime import date
from typing import Protocol

from shared.clock import Clock
from shared.settings import TokenSettings
from shared.web.jwks import Jwks, from_file, from_url
from shared.web.organisation import Person
from shared.web.tokens import Tokens


class Told(Protocol):
    """One of the people as ``org.staff.v1`` tells them, or as a row of that."""

    @property
    def staff_id(self) -> str: ...
    @property
    def branch_id(self) -> str | None: ...
    @property
    def leader_id(self) -> str | None: ...
    @property
    def successor_id(self) -> str | None: ...
    @property
    def left_on(self) -> date | None: ...


def person(told: Told, today: date) -> Person:
    """Return what the organisation needs of one of the broker's people.

    With a successor and no day of leaving the person is gone already.
    """
    gone = told.left_on <= today if told.left_on else told.successor_id is not None
    return Person(told.staff_id, told.branch_id, told.leader_id, gone, told.successor_id)


def tokens(settings: TokenSettings, clock: Clock) -> Tokens:
    """Return what knows people by the tokens of their provider."""
    if settings.jwks_url:
        return Tokens(settings, Jwks(from_url(settings.jwks_url)), clock)
    assert settings.jwks_file is not None  # noqa: S101 one of the two, says the settings' own check
    return Tokens(settings, Jwks(from_file(settings.jwks_file)), clock)
