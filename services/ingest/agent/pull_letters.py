"""拉取的死信 — a row that could not be read, sealed whole; how many of a rehearsal were left."""

from collections.abc import Sequence

from services.ingest.agent.burying import SEALED_ROW
from services.ingest.agent.sealing import Sealer
from services.ingest.domain.fact import Fact, dead_letter
from services.ingest.domain.profiles.fields import DIRECTORY
from services.ingest.domain.rows import Bad
from services.ingest.domain.sources import catalogue
from shared.contracts.topics import ACCOUNT


def bad_row(pull: str, takes: str, row: Bad, sealer: Sealer) -> Fact:
    """Return the letter of a row; it is named by what the row says."""
    topic = catalogue()[takes].topic if takes in DIRECTORY else ACCOUNT
    origin = {"origin-pull": pull, "reason": row.reason, "sealed": SEALED_ROW}
    sealed = sealer.seal(row.raw.decode(), SEALED_ROW).encode()
    return dead_letter(topic, f"pull/{pull}", sealed, origin)


def passed_over(pull: str, marks: Sequence[str]) -> list[Fact]:
    """Tell how many rows of a rehearsal were not taken; they stay in the broker's table."""
    if not marks:
        return []
    reason = f"{len(marks)} rows of a rehearsal: they would settle a real day"
    origin = {"origin-pull": pull, "reason": reason}
    return [dead_letter(ACCOUNT, f"pull/{pull}", f"{marks[0]} – {marks[-1]}".encode(), origin)]
