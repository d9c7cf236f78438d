"""重收 — a bad line, or a whole refused file, goes into the drop folder again.

A file is taken whole or not at all, so a line goes back with its file: another edition of it, with
the line corrected. What the file says as before raises nothing, the line becomes what it should
have been, and whatever takes the file treats it as any replacement.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.ingest.agent.letter_case import Case
from services.ingest.agent.taking import Parse
from services.ingest.domain.naming import MASK, Named, masked, recognise
from services.ingest.domain.positional import Positional
from services.ingest.domain.redriving import NoWay, Way, corrected
from services.ingest.domain.rows import Reading, Unreadable
from services.ingest.domain.source import Context
from services.ingest.domain.sources import AnySource
from shared.kernel.trading_day import Calendar


class Kept(Protocol):
    """The drop folder, and what was put away from it."""

    def named(self, shown: str, sha256: str) -> str | None:
        """Return the name of a kept file from its masked one and its digest; None: not kept."""

    def taken(self, name: str, sha256: str) -> bytes | None:
        """Return a file that was taken in; None: it is not kept."""

    def refused(self, name: str, sha256: str) -> bytes | None:
        """Return a file that was refused; None: it is not kept."""

    def waits(self, name: str) -> bool:
        """Say whether a file of that name waits to be taken."""

    def drop(self, name: str, data: bytes) -> None:
        """Leave a file to be taken, whole at once."""


class Opener(Protocol):
    """Opens what was sealed."""

    def open(self, sealed: str, context: str) -> str:
        """Return the value in clear."""


@dataclass
class Refiling:
    """See ``letter_case.Refile``. ``profiles``: kinds of files of the broker's own.

    ``dropped``: the files of this command, each dropped once.
    """

    folder: Kept
    calendar: Calendar
    parse: Parse
    sealer: Opener
    profiles: tuple[AnySource, ...] = ()
    dropped: set[str] = field(default_factory=set)

    async def __call__(self, case: Case, way: Way) -> str:
        try:
            name = await self._name(case.letter.headers)
            named = recognise(name, self.calendar, self.profiles)
            if way is Way.ROW:
                return await self._line(case, named)
            return await self._file(case, named)
        except Unreadable as failure:
            raise NoWay(f"still refused: {failure}") from None

    async def _name(self, told: Mapping[str, str]) -> str:
        """Return the file's own name: a letter masks one that says whose the file is."""
        name = told["origin-file"]
        if MASK not in name:
            return name
        found = await asyncio.to_thread(self.folder.named, name, told.get("origin-sha256", ""))
        if found is None:
            kind = told.get("origin-kind", "file")
            raise NoWay(f"the {kind} is not in done/ or refused/: correct it and drop it again")
        return found

    async def _line(self, case: Case, named: Named) -> str:
        if named.name.endswith(".xlsx"):
            raise NoWay("correct the workbook and drop it again: a sheet has no lines of text")
        record = await case.desk.books.files.newest(named.source.name, named.scope)
        data = await self._kept(record.name, record.sha256) if record else None
        if record is None or data is None:
            raise NoWay("the file it is from is not in done/: correct it and drop it again")
        line = int(case.letter.headers["origin-line"])
        edition = corrected(data, line, self._opened(case), _line_of(case, named, data))
        reading = await self._read(named, edition)
        if still := [bad.reason for bad in reading.bad if bad.line == line]:
            raise NoWay(f"still refused: {still[0]}")
        return self._drop(case, record.name, edition)

    async def _file(self, case: Case, named: Named) -> str:
        told = case.letter.headers
        data = case.order.edited
        if data is None:
            refused = (named.name, told.get("origin-sha256", ""))
            data = await asyncio.to_thread(self.folder.refused, *refused)
        if data is None:
            raise NoWay("the file is not in refused/: correct it and drop it again")
        reading = await self._read(named, data)
        if reading.bad and not reading.good:
            raise NoWay(f"no row can be read: line {reading.bad[0].line}: {reading.bad[0].reason}")
        return self._drop(case, named.name, data)

    async def _kept(self, name: str, sha256: str) -> bytes | None:
        return await asyncio.to_thread(self.folder.taken, name, sha256)

    async def _read(self, named: Named, data: bytes) -> Reading[object]:
        return await asyncio.to_thread(self.parse, named, data, Context(self.calendar, named.day))

    def _opened(self, case: Case) -> bytes:
        letter = case.letter
        if letter.sealed is None:
            return letter.value
        return self.sealer.open(letter.value.decode(), letter.sealed).encode()

    def _drop(self, case: Case, name: str, data: bytes) -> str:
        if name in self.dropped and case.order.edited is None:
            return f"{masked(name)} with its other lines"
        if self.folder.waits(name):
            raise NoWay(f"a file {masked(name)} waits in the drop folder: let it be taken first")
        if not case.order.dry:
            self.folder.drop(name, data)
            self.dropped.add(name)
        return f"{masked(name)} dropped again, to be taken as its next edition"


def _line_of(case: Case, named: Named, data: bytes) -> bytes | None:
    """Return the corrected line in the file's own encoding; None: nothing was corrected."""
    if case.order.edited is None:
        return None
    try:
        text = case.order.edited.decode().strip("\r\n")
    except UnicodeDecodeError:
        raise NoWay("--edit: the corrected line must be UTF-8") from None
    if not text or "\n" in text:
        raise NoWay("--edit: the corrected line must be one line")
    return text.encode("gb18030" if _is_gb18030(named, data) else "utf-8")


def _is_gb18030(named: Named, data: bytes) -> bool:
    if isinstance(named.source, Positional):
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False
