"""柜台 — who may ask ingest, and what the questions are answered from."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.adapters.records import PATIENCE_SECONDS, connected, records_of
from services.ingest.domain.records import OpenRecords
from services.ingest.settings import Settings
from shared.blind_index import BlindIndex
from shared.clock import Clock
from shared.crypto import FieldCipher
from shared.db.api_keys import PostgresKeys
from shared.kernel.trading_day import CHINA
from shared.web.access import Principal
from shared.web.api_keys import ApiKey, KeyRing, SettingsKey
from shared.web.directory import person, tokens
from shared.web.fresh import Fresh
from shared.web.gate import Authority, Identifier
from shared.web.organisation import Organisation, OrgTree
from shared.web.permissions import Permission

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
    blind: BlindIndex | None = None


def desk(settings: Settings, engine: AsyncEngine, clock: Clock) -> Desk:
    """Return the desk over ingest's own tables."""
    open_records = records_of(engine)
    authority = Authority(identifiers(settings, engine, clock), tree_of(open_records, clock))
    keys = {kid: key.get_secret_value() for kid, key in settings.field_keys.items()}
    index = {kid: key.get_secret_value() for kid, key in settings.index_keys.items()}
    blind = BlindIndex(index) if index else None
    return Desk(authority, open_records, FieldCipher(keys), clock, blind)


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


def tree_of(open_records: OpenRecords, clock: Clock) -> Callable[[], Awaitable[OrgTree]]:
    """Return the organisation as the staff files told it, a few seconds old at most."""

    async def read() -> OrgTree:
        today = clock.now().astimezone(CHINA).date()
        async with open_records() as records:
            return Organisation(person(staff, today) for staff in await records.people())

    return Fresh(read, TREE_SECONDS).get
