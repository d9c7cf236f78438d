"""收文件 — a dropped file is taken whole, in one transaction, or not at all."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from services.ingest.agent import (
    agreements,
    baselines,
    cusaccount,
    cuscode,
    cusfund,
    customer,
    dealings,
    fundchg,
    holdings,
    profiled,
    relations,
    staff,
    statement,
)
from services.ingest.agent.arriving import arrived
from services.ingest.agent.burying import Dropped, bad_rows, refused_file
from services.ingest.agent.closing import close
from services.ingest.agent.edition import Handler, Taking, count_rows
from services.ingest.agent.sealing import Blind, Sealer
from services.ingest.agent.watching import Watched
from services.ingest.agent.witnessing import FOLDER, Change, witness
from services.ingest.domain.books import Books, FileRecord, OpenBooks
from services.ingest.domain.naming import Named, Unused, kind_of, masked, recognise
from services.ingest.domain.progress import Watch, unwatched
from services.ingest.domain.refusal_limit import RefusalLimit
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context
from services.ingest.domain.sources import AnySource
from services.ingest.domain.tally import FILES_ALONE, Tally
from shared.clock import Clock
from shared.kernel.trading_day import Calendar, OutsideCoverage, TradingDay
from shared.observability.metrics import FILES_TAKEN, RECORDS_REFUSED

HANDLERS: dict[str, Handler] = {
    "fundchg": fundchg.take,
    "cusfund": cusfund.take,
    "relations": relations.take,
    "staff": staff.take,
    "baselines": baselines.take,
    "agreements": agreements.take,
    "customer": customer.take,
    "cuscode": cuscode.take,
    "cusaccount": cusaccount.take,
    "holddetails": holdings.take_details,
    "holddata": holdings.take_futures,
    "optholddata": holdings.take_options,
    **{kind.kind: kind.take for kind in dealings.KINDS},
    "statement": statement.take,
    **profiled.HANDLERS,
}


Parse = Callable[[Named, bytes, Context], Reading[Any]]
"""Reads a file's rows; raises ``Unreadable``."""


class Fate(StrEnum):
    """What became of a file."""

    TAKEN = "taken"
    KNOWN = "known"
    REFUSED = "refused"
    UNUSED = "unused"


@dataclass(frozen=True)
class Outcome:
    """A file's fate; the reason of a refusal, the counts and notes of a taking."""

    fate: Fate
    kind: str
    reason: str = ""
    good: int = 0
    bad: int = 0
    notes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Intake:
    """Takes files. ``closing``: the kinds of a day's files after which the day is closed.

    ``actor``: who brings them, as the audit names it. ``history``: what they tell is over.
    ``watch``: hears how far each is.
    """

    broker: str
    calendar: Calendar
    closing: frozenset[str]
    sealer: Sealer
    clock: Clock
    open_books: OpenBooks
    parse: Parse
    blind: Blind | None = None
    profiles: tuple[AnySource, ...] = ()
    refusals: RefusalLimit = field(default_factory=RefusalLimit)
    rehearsal: Rehearsal = NEVER
    tally: Tally = FILES_ALONE
    actor: str = FOLDER
    history: bool = False
    watch: Watch = unwatched

    async def take(self, name: str, data: bytes) -> Outcome:
        """Take the file or refuse it; raises ``StoresAway`` when neither is durable."""
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            named = recognise(name, self.calendar, self.profiles)
            watched = Watched(named, self.watch)
            context = watched.context(self.calendar, data)
            reading = await asyncio.to_thread(self.parse, named, data, context)
            good, bad = len(reading.good), len(reading.bad)
            if bad and (not good or self.refusals.whole_file(good, bad)):
                return await self._bury_all(named, sha256, reading)
            return await self._enter(watched, sha256, reading)
        except Unused as unused:
            return Outcome(Fate.UNUSED, "unused", str(unused))
        except Unreadable as failure:
            return await self.refuse(name, sha256, str(failure))
        finally:
            self.watch(None)

    async def _enter(self, watched: Watched, sha256: str, reading: Reading[Any]) -> Outcome:
        named = watched.named
        kind = named.source.name
        async with self.open_books() as plain:
            books = watched.books(plain)
            await books.files.hold()
            newest = await books.files.newest(kind, named.scope)
            if newest and newest.sha256 == sha256:
                return Outcome(Fate.KNOWN, kind, "", newest.good, newest.bad)
            if newest and named.source.dated and not reading.good:
                raise Unreadable("an empty replacement would take the whole day back")
            version = newest.version + 1 if newest else 1
            taking = await self.taking(books, named.day, version)
            unread = frozenset(bad.account for bad in reading.bad if bad.account)
            taking = replace(taking, kind=kind, whole=not reading.bad, unread=unread)
            found = await HANDLERS[named.source.handler](books, taking, reading.good)
            bad = [*reading.bad, *found.bad]
            await books.inbox.store(bad_rows(named, sha256, bad, self.sealer))
            good, notes = len(reading.good) - len(found.bad), found.notes
            await books.files.record(
                FileRecord(
                    kind, named.scope, version, named.name, sha256, named.day, good, len(bad), notes
                )
            )
            if named.source.dated:
                found.stored += await self._close(books, taking)
            counts = {"good": good, "refused": len(bad), "told": found.stored.total()}
            title = f"{masked(named.name)}, edition {version}"
            if not self.history:
                await arrived(books, kind, named.day, taking.now)
            handler = named.source.handler
            change = Change(self.actor, handler, sha256[:32], title, self.history)
            await witness(books, taking.now, change, counts)
        FILES_TAKEN.labels(kind).inc()
        count_rows(found.stored, len(bad))
        return Outcome(Fate.TAKEN, kind, "", good, len(bad), notes)

    async def taking(self, books: Books, day: TradingDay | None, version: int) -> Taking:
        """Return what a handler is told; ``day``: the file's own, if it has one."""
        day = day or await books.files.last_closed()
        now = self.clock.now()
        return Taking(
            self.broker,
            day or self.today(),
            version,
            now,
            self.sealer,
            self.blind,
            rehearsal=self.rehearsal,
            tally=self.tally,
            history=self.history,
        )

    def today(self) -> TradingDay | None:
        """Return the trading day that it is, None beyond the calendar."""
        try:
            return self.calendar.at(self.clock.now())
        except OutsideCoverage:
            return None

    async def _close(self, books: Books, taking: Taking) -> Counter[str]:
        complete = self.closing <= await books.files.kinds_in(taking.edition.day)
        return await close(books, taking) if complete else Counter()

    async def _bury_all(self, named: Named, sha256: str, reading: Reading[Any]) -> Outcome:
        """Refuse a file for its rows; the first of them are kept, more would say the same."""
        bad, good = reading.bad, len(reading.good)
        first = bad[: self.refusals.file_rows]
        async with self.open_books() as books:
            await books.inbox.store(bad_rows(named, sha256, first, self.sealer))
        RECORDS_REFUSED.labels("row").inc(len(bad))
        told = f"{len(bad)} of {good + len(bad)} rows are bad" if good else "no row can be read"
        why = f"{told}; line {bad[0].line}: {bad[0].reason}"
        return await self.refuse(named.name, sha256, why)

    async def refuse(self, name: str, sha256: str, reason: str) -> Outcome:
        """Tell that a file cannot be taken."""
        file = Dropped(name, sha256, kind_of(name, self.profiles))
        async with self.open_books() as books:
            await books.inbox.store([refused_file(file, reason)])
        RECORDS_REFUSED.labels("file").inc()
        return Outcome(Fate.REFUSED, "unknown", reason)
