"""巡目录 — the drop folder is swept in order: each file taken, then put away or aside."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from services.ingest.agent.taking import Fate, Intake, Outcome
from services.ingest.domain.books import StoresAway
from services.ingest.domain.naming import Unused, masked, recognise, taking_order
from services.ingest.domain.progress import Progress
from services.ingest.domain.rehearsal import NEVER, Rehearsal
from services.ingest.domain.rows import Unreadable
from shared.observability.logging import logger


class Folder(Protocol):
    """Where files are left."""

    def at_rest(self) -> list[str]:
        """Return the names of complete files."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raises ``FileNotFoundError`` or ``Unreadable``."""

    def note(self, progress: Progress | None) -> None:
        """Leave word of how far the file is that is being taken; None: none is."""

    def put_away(self, name: str, sha256: str) -> None:
        """Move a file that is in."""

    def put_aside(self, name: str, sha256: str, reason: str) -> None:
        """Move a file that was refused, with the reason beside it."""


PATIENCE = 60  # sweeps before a file that failed is tried again


@dataclass
class Dropping:
    """Sweeps the folder. A file that fails unexpectedly stays, and the others go on.

    ``stuck``: how many sweeps each failed file still waits. ``held``: what a rehearsal keeps
    waiting.
    """

    folder: Folder
    intake: Intake
    rehearsal: Rehearsal = NEVER
    stuck: dict[str, int] = field(default_factory=dict)
    held: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Let the folder hear how far each file is."""
        self.intake = replace(self.intake, watch=self.folder.note)

    async def recover(self) -> None:
        """Put away what a crash left in the folder although it is in."""
        await asyncio.to_thread(self.folder.note, None)
        async with self.intake.open_books() as books:
            for record in await books.files.unmoved():
                await asyncio.to_thread(self.folder.put_away, record.name, record.sha256)
                await books.files.record_moved(record)

    async def sweep(self) -> int:
        """Take every complete file once and return how many; raises ``StoresAway``."""
        names = await asyncio.to_thread(self.folder.at_rest)
        calendar = self.intake.calendar
        ordered = sorted(names, key=lambda name: taking_order(name, calendar, self.intake.profiles))
        taken = 0
        self.stuck = {name: left - 1 for name, left in self.stuck.items() if left > 1}
        self._hold(names)
        for name in ordered:
            if name in self.stuck or name in self.held:
                continue
            try:
                await self._take(name)
                taken += 1
            except FileNotFoundError:
                continue
            except StoresAway:
                raise
            except Exception as failure:
                logger().error("file stays", name=masked(name), reason=type(failure).__name__)
                self.stuck[name] = PATIENCE
        return taken

    def _hold(self, names: Sequence[str]) -> None:
        held = frozenset(name for name in names if self._waits(name))
        for name in sorted(held - self.held):
            logger().warning("file waits", name=masked(name), reason="today is a rehearsal")
        self.held = held

    def _waits(self, name: str) -> bool:
        try:
            named = recognise(name, self.intake.calendar, self.intake.profiles)
        except Unreadable:
            return False
        return self.rehearsal.waits(self.intake.clock.now(), named.day)

    async def _take(self, name: str) -> None:
        try:
            data = await asyncio.to_thread(self.folder.read, name)
        except Unreadable as failure:
            await self._aside(name, "", await self.intake.refuse(name, "", str(failure)))
            return
        sha256 = hashlib.sha256(data).hexdigest()
        outcome = await self._outcome(name, data, sha256)
        if outcome.fate is Fate.REFUSED:
            await self._aside(name, sha256, outcome)
            return
        await asyncio.to_thread(self.folder.put_away, name, sha256)
        if outcome.fate is not Fate.UNUSED:
            await self._record_moved(name)
        counts = {"good": outcome.good, "bad": outcome.bad}
        logger().info("file", name=masked(name), fate=outcome.fate, **counts)

    async def _outcome(self, name: str, data: bytes, sha256: str) -> Outcome:
        """A rehearsal's file would settle a real day: it is refused, unless it tells nothing."""
        if self.rehearsal.on(self.intake.clock.now()) and not self._unused(name):
            reason = "today is a rehearsal, and this is of no day before it"
            return await self.intake.refuse(name, sha256, reason)
        return await self.intake.take(name, data)

    def _unused(self, name: str) -> bool:
        try:
            recognise(name, self.intake.calendar, self.intake.profiles)
        except Unreadable as failure:
            return isinstance(failure, Unused)
        return False

    async def _aside(self, name: str, sha256: str, outcome: Outcome) -> None:
        await asyncio.to_thread(self.folder.put_aside, name, sha256, outcome.reason)
        logger().warning("file", name=masked(name), fate=outcome.fate, reason=outcome.reason)

    async def _record_moved(self, name: str) -> None:
        named = recognise(name, self.intake.calendar, self.intake.profiles)
        async with self.intake.open_books() as books:
            if record := await books.files.newest(named.source.name, named.scope):
                await books.files.record_moved(record)
