"""柜台 — who may ask profile, and what the questions are answered from."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.profile.adapters.records import OpenRecords, connected, records_of
from services.profile.domain.finder import Finder
from services.profile.domain.margin import RateBook
from services.profile.margin_book import read_rates
from services.profile.permission_book import Conditions, read_conditions
from services.profile.settings import CHURN_FLOOR, Settings
from services.profile.visit_book import VisitBook, read_visits
from services.profile.visit_question_book import QuestionBook, read_questions
from shared.calendars import calendar_at
from shared.clock import Clock
from shared.crypto import FieldCipher
from shared.db.api_keys import PostgresKeys
from shared.kernel.trading_day import CHINA, Calendar, china
from shared.web.api_keys import ApiKey, KeyRing
from shared.web.directory import person, tokens
from shared.web.fresh import Fresh
from shared.web.gate import Authority, Identifier
from shared.web.organisation import Organisation, OrgTree

TREE_SECONDS = 5  # a change of staff is in force everywhere after this
PEOPLE = text(
    "SELECT staff_id, branch_id, leader_id, successor_id, left_on FROM staff WHERE broker = :broker"
)


@dataclass(frozen=True)
class Desk:
    """What the endpoints need."""

    authority: Authority
    open_records: OpenRecords
    finder: Finder
    clock: Clock
    rates: RateBook = field(default_factory=read_rates)
    conditions: Conditions = field(default_factory=read_conditions)
    calendar: Calendar = field(default_factory=china)
    churn_floor: Decimal = CHURN_FLOOR
    visits: VisitBook = field(default_factory=read_visits)
    questions: QuestionBook = field(default_factory=read_questions)

    @property
    def cipher(self) -> FieldCipher:
        return self.finder.cipher


def desk(settings: Settings, engine: AsyncEngine, clock: Clock) -> Desk:
    """Return the desk over profile's own tables."""
    tree = tree_of(engine, settings.broker, clock)
    authority = Authority(identifiers(settings, engine, clock), tree)
    records = records_of(engine, settings.broker)
    return Desk(
        authority,
        records,
        settings.finder,
        clock,
        rates=read_rates(settings.margin_rates),
        conditions=read_conditions(settings.permission_rules),
        calendar=calendar_at(settings.calendar),
        churn_floor=settings.churn_floor,
        visits=read_visits(settings.visit_rules),
        questions=read_questions(settings.visit_questions),
    )


def identifiers(settings: Settings, engine: AsyncEngine, clock: Clock) -> list[Identifier]:
    """Return the ways to be known: the keys of the table, tokens."""

    async def read() -> Iterable[ApiKey]:
        async with connected(engine) as connection:
            return await PostgresKeys(connection).all()

    known: list[Identifier] = [KeyRing(read, clock)]
    if settings.tokens:
        known.append(tokens(settings.tokens, clock))
    return known


def tree_of(engine: AsyncEngine, broker: str, clock: Clock) -> Callable[[], Awaitable[OrgTree]]:
    """Return the organisation as the staff topic told it, a few seconds old at most."""

    async def read() -> OrgTree:
        today = clock.now().astimezone(CHINA).date()
        async with connected(engine) as connection:
            found = await connection.execute(PEOPLE, {"broker": broker})
            return Organisation([person(row, today) for row in found])

    return Fresh(read, TREE_SECONDS).get
