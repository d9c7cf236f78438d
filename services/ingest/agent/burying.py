"""文件的死信 — a dropped file's bad lines, or the whole of a refused one, as letters.

A statement is named for whose it is, and headers and keys are read by whoever reads the topic:
there a name stands masked, ``origin-kind`` says what the file is, and ``origin-sha256`` is what it
is found by among those that were kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from services.ingest.agent.sealing import Sealer
from services.ingest.domain.fact import Fact, dead_letter
from services.ingest.domain.naming import Named, masked
from services.ingest.domain.rows import Bad, as_text
from shared.contracts.topics import ACCOUNT

SEALED_ROW = "dead-letter.row"
"""The sealing context of a bad row that holds personal data."""


@dataclass(frozen=True)
class Dropped:
    """A file as it came. ``kind``: what it is by its name, if it is anything."""

    name: str
    sha256: str
    kind: str | None

    @property
    def shown(self) -> str:
        """Its name as a letter may hold it."""
        return masked(self.name)

    @property
    def origin(self) -> dict[str, str]:
        return {"origin-file": self.shown} | ({"origin-kind": self.kind} if self.kind else {})


def refused_file(file: Dropped, reason: str) -> Fact:
    """Return the letter of a file that cannot be taken: it is kept itself, the letter names it."""
    origin = file.origin | {"origin-sha256": file.sha256, "reason": reason}
    return dead_letter(ACCOUNT, file.shown, file.shown.encode(), origin)


def bad_rows(named: Named, sha256: str, bad: Iterable[Bad], sealer: Sealer) -> list[Fact]:
    """Return a letter for each line.

    The same bad line of another edition is the same letter: the digest is told only where the name
    is masked, to find the file by.
    """
    source = named.source
    file = Dropped(named.name, sha256, source.name)
    found_by = {} if file.shown == file.name else {"origin-sha256": sha256}
    letters: list[Fact] = []
    for row in bad:
        origin = file.origin | found_by | {"origin-line": str(row.line), "reason": row.reason}
        value = row.raw
        if source.personal:
            origin["sealed"] = SEALED_ROW
            value = sealer.seal(as_text(value), SEALED_ROW).encode()
        letters.append(dead_letter(source.topic, f"{file.shown}:{row.line}", value, origin))
    return letters
