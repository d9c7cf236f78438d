"""What redriving needs of the site: its database, keys, drop folder and calendar."""

import contextlib
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from services.ingest.adapters.columns import own_sources
from services.ingest.adapters.excel import parse
from services.ingest.adapters.kept_files import KeptFiles
from services.ingest.adapters.profiles import BadProfile, load_all
from services.ingest.adapters.redrives import desk_in, desk_of
from services.ingest.adapters.stops import PostgresStops, stops_of
from services.ingest.agent.redriving import Redriving
from services.ingest.agent.refiling import Refiling
from services.ingest.commands.places import ciphers, database
from services.ingest.domain.admission import Gate
from services.ingest.domain.columns import WrongColumns
from services.ingest.domain.redrives import Done, Fate
from services.ingest.domain.refusal_limit import Stop
from services.ingest.domain.rehearsal import Rehearsal
from services.ingest.domain.rows import as_text
from services.ingest.domain.sources import AnySource
from shared.calendars import calendar_at
from shared.clock import WallClock
from shared.console import Refused
from shared.crypto import CannotOpen
from shared.kernel.calendar_form import WrongCalendar
from shared.kernel.trading_day import Calendar
from shared.settings import KafkaSettings
from shared.streams.deadletters import Letter
from shared.streams.publish import Sender


class _Site(BaseSettings):
    """The variables that ingest itself reads."""

    model_config = SettingsConfigDict(env_prefix="INGEST_", extra="ignore", frozen=True)

    broker: str = ""
    drop_folder: Path | None = None
    calendar: Path | None = None
    profiles: Path | None = None
    columns: Path | None = None
    rehearsal_days: frozenset[date] = frozenset()
    rehearsal_sources: frozenset[str] = frozenset()


@contextlib.asynccontextmanager
async def redriving(kafka: KafkaSettings, dsn: str | None) -> AsyncIterator[Redriving]:
    """Open what redrives, over the site's own stores; refuse when one is not told."""
    site, (cipher, _) = _Site(), ciphers()
    if not site.broker or site.drop_folder is None:
        raise Refused(
            "不知道是哪家、文件放哪：设 INGEST_BROKER 和 INGEST_DROP_FOLDER，与 ingest 的一样",
            "which broker and folder? set INGEST_BROKER and INGEST_DROP_FOLDER as for ingest",
        )
    calendar, sender = _calendar(site.calendar), Sender(kafka)
    own = _own(site)
    refiling = Refiling(KeptFiles(site.drop_folder), calendar, parse, cipher, own)
    rehearsal = Rehearsal(site.rehearsal_days, site.rehearsal_sources)
    gate = Gate(site.broker, calendar, ticks=True)
    try:
        async with database(dsn) as engine:
            desk = desk_of(engine)
            yield Redriving(gate, WallClock(), desk, refiling, sender, rehearsal)
    finally:
        await sender.stop()


async def shown_to(letter: Letter, actor: str, unseal: bool, dsn: str | None) -> str:
    """Return what may be shown of a letter's value; who looks is written down first."""
    fate, value = Fate.READ, "（加封的 · sealed: --open）"
    if letter.sealed is None:
        value = as_text(letter.value)
    elif unseal:
        fate, value = Fate.OPENED, _opened(letter)
    now, place = WallClock().now(), str(letter.place)
    async with database(dsn) as engine, desk_of(engine)() as desk:
        await desk.redrives.write(Done(letter.name, place, now, actor, fate, "shown"))
    return value


def _opened(letter: Letter) -> str:
    cipher, _ = ciphers()
    try:
        return cipher.open(letter.value.decode(), letter.sealed or "")
    except (CannotOpen, UnicodeDecodeError) as wrong:
        raise Refused(f"打不开：{wrong}", "no key of INGEST_FIELD_KEYS opens it") from None


async def stopped(dsn: str | None) -> list[Stop]:
    """Return the sources that are stopped now."""
    now = WallClock().now()
    async with database(dsn) as engine, stops_of(engine) as stops:
        return [stop for stop in await stops.all() if now < stop.until]


async def let_on(source: str, actor: str, dsn: str | None) -> Stop:
    """Let a source on before its time; who did it is written down with it."""
    now = WallClock().now()
    async with database(dsn) as engine, desk_in(engine) as (desk, connection):
        stop = await PostgresStops(connection).clear(source)
        if stop is None:
            raise Refused(f"{source} 没有停收，见 stops", "not stopped: see dead-letters stops")
        done = Done(f"source:{source}", "", now, actor, Fate.RESUMED, str(stop))
        await desk.redrives.write(done)
    return stop


def _own(site: _Site) -> tuple[AnySource, ...]:
    try:
        return own_sources(load_all(site.profiles), site.columns, site.broker)
    except BadProfile as wrong:
        raise Refused(f"INGEST_PROFILES 有错：{wrong}", "a mapping profile is wrong") from None
    except WrongColumns as wrong:
        raise Refused(f"INGEST_COLUMNS 有错：{wrong}", "the file of columns is wrong") from None


def _calendar(file: Path | None) -> Calendar:
    try:
        return calendar_at(file)
    except WrongCalendar as wrong:
        raise Refused(f"INGEST_CALENDAR 的日历文件有错：{wrong}", "the calendar file") from None
