"""柜台 — who may ask ingest, and what the questions are answered from."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.records import PATIENCE_SECONDS, connected, records_of
from services.ingest.domain.records import OpenRecords
from services.ingest.settings import Settings
from shared.clock import Clock
from shared.contracts.staff import Staff
from shared.crypto import FieldCipher
from shared.db.api_keys import PostgresKeys
from shared.kernel.trading_day import CHINA
from shared.settings import TokenSettings
from shared.web.access import Principal
from shared.web.api_keys import ApiKey, KeyRing, SettingsKey
from shared.web.fresh import Fresh
from shared.web.gate import Authority, Identifier
from shared.web.jwks import Jwks, from_file, from_url
from shared.web.organisation import Organisation, OrgTree, Person
from shared.web.permissions import Permission
from shared.web.tokens import Tokens

TREE_SECONDS = 5  # a change of staff is in force everywhere after this
PUSH = Principal("key:push", frozenset({Permission.EVENTS_WRITE}))
"""The system behind ``push_key``."""


@dataclass(frozen=True)
class Desk:
    """What the endpoints for people need."""

    authority: Authority
    open_records: OpenRecords
    cipher: FieldCipher
    clock: Clock


def desk(settings: Settings, engine: AsyncEngine, clock: Clock) -> Desk:
    """Return the desk over ingest's own tables."""
    open_records = records_of(engine)
    authority = Authority(identifiers(settings, engine, clock), tree_of(open_records, clock))
    keys = {kid: key.get_secret_value() for kid, key in settings.field_keys.items()}
    return Desk(authority, open_records, FieldCipher(keys), clock)


def identifiers(settings: Settings, engine: AsyncEngine, clock: Clock) -> list[Identifier]:
    """Return the ways to be known: the push key, the keys of the table, tokens."""

    async def read() -> Iterable[ApiKey]:
        async with connected(engine, PATIENCE_SECONDS) as connection:
            return await PostgresKeys(connection).all()

    known: list[Identifier] = [
        SettingsKey(settings.push_key.get_secret_value(), PUSH),
        KeyRing(read, clock),
    ]
    if settings.tokens:
        known.append(tokens(settings.tokens, clock))
    return known


def tokens(settings: TokenSettings, clock: Clock) -> Tokens:
    """Return what knows people by the tokens of their provider."""
    if settings.jwks_url:
        return Tokens(settings, Jwks(from_url(settings.jwks_url)), clock)
    assert settings.jwks_file is not None  # noqa: S101 one of the two, says the settings' own check
    return Tokens(settings, Jwks(from_file(settings.jwks_file)), clock)


def tree_of(open_records: OpenRecords, clock: Clock) -> Callable[[], Awaitable[OrgTree]]:
    """Return the organisation as the staff files told it, a few seconds old at most."""

    async def read() -> OrgTree:
        today = clock.now().astimezone(CHINA).date()
        async with open_records() as records:
            return Organisation(person(staff, today) for staff in await records.people())

    return Fresh(read, TREE_SECONDS).get


def person(staff: Staff, today: date) -> Person:
    """Return what the organisation needs of one of the broker's people.

    With a successor and no day of leaving the person is gone already.
    """
    gone = staff.left_on <= today if staff.left_on else staff.successor_id is not None
    return Person(staff.staff_id, staff.branch_id, staff.leader_id, gone, staff.successor_id)
